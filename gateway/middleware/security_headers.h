// The security headers of http-api.md 2, on every answer.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/http/message.h"

namespace orama::gateway::middleware {

enum class Scheme : std::uint8_t { http, https };

// Appends the lines. Cache-Control only when the route has not set it.
void append_security_headers(std::string& lines, const http::Response& response, Scheme scheme);

}  // namespace orama::gateway::middleware
