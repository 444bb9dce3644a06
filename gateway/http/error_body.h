// The error body of http-api.md 4, for the pipeline and for handlers that put its fields beside a
// document of their own (an unhealthy health).
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/http/api_error.h"
#include "gateway/http/message.h"

namespace orama::gateway::http {

// {error, code, request_id, hint?, details?}
nlohmann::json error_fields(const ApiError& error, std::string_view request_id);

// With WWW-Authenticate where the table asks for it. Retry-After is added by the pipeline.
Response error_response(const ApiError& error, std::string_view request_id);

}  // namespace orama::gateway::http
