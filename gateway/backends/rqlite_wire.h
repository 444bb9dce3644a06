// Statements to rqlite's JSON and its answers back to values, by engines-rqlite.md sections 1, 6
// and 8. Pure functions on text; what they decode is foreign bytes. Knows no connection and no
// retry.
#pragma once

#include <cstdint>
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

// The answer to /db/query with one statement.
Result<Rows> decode_query(int status, std::string_view body);

// The answer to /db/execute?transaction with these statements.
Result<std::vector<std::int64_t>> decode_execute(int status, std::string_view body,
                                                 const std::vector<Statement>& statements);

// The answers to /nodes?nonvoters&ver=2 and /status.
Result<RegistryState> decode_state(std::string_view nodes, std::string_view status);

}  // namespace orama::gateway::backends
