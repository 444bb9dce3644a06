// Statements of the registry as rqlite's JSON (engines-rqlite.md 1, 6, 8). Pure functions on text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"

namespace orama::gateway::backends {

// rqlite would bind such a text as a blob: blanks trimmed, x'..' or X'..' with hex pairs only (rule
// 6).
bool reads_like_blob(std::string_view text);

// `[["sql", value…], …]`. invalid_argument: a text is not UTF-8, or parameters and values differ in
// number.
Result<std::string> encode_statements(const std::vector<Statement>& statements);

}  // namespace orama::gateway::backends
