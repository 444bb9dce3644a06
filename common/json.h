// JSON text of files and answers into a document, without exceptions. Typed reading of its fields:
// common/api/fields.h.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

#include "common/result.h"

namespace orama {

// Deeper documents are refused, so that code that walks one needs no guard of its own.
inline constexpr std::size_t kMaxJsonDepth = 64;

// invalid_argument says at which byte the text stops being JSON; the text itself is not quoted. Of
// equal keys the last counts (http-api.md 1).
Result<nlohmann::json> parse_json(std::string_view text);

}  // namespace orama
