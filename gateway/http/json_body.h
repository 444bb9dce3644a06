// Reads the JSON body of a request: media type, UTF-8, depth, syntax (http-api.md 2 and 4, set J),
// and its fields with their rules. What is wrong is an ApiError that names the field.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "gateway/http/api_error.h"
#include "gateway/http/message.h"

namespace orama::gateway::http {

inline constexpr int kMaxJsonDepth = 64;

// An object (every request body of the API is one). Errors: unsupported_media_type, invalid_json,
// validation_failed.
std::variant<nlohmann::json, ApiError> parse_json_object(const Request& request);

ApiError validation_failed(std::string_view field, std::string reason);
// Of an error of common/api/fields.h, which names field and reason.
ApiError validation_failed(const Error& field_error);

}  // namespace orama::gateway::http
