// JSON text of files and answers into a document, without exceptions. Typed reading of its fields:
// common/api/fields.h.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "common/result.h"

namespace orama {

// Deeper documents are refused, so that code that walks one needs no guard of its own.
inline constexpr std::size_t kMaxJsonDepth = 64;

// invalid_argument says at which byte the text stops being JSON; the text itself is not quoted. Of
// equal keys the last counts (http-api.md 1).
Result<nlohmann::json> parse_json(std::string_view text);

// The text under a key where an absent one is as good as none: "" for whatever is no object, or has
// no text there.
std::string text_of(const nlohmann::json& value, const char* key);

}  // namespace orama
