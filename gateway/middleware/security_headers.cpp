#include "gateway/middleware/security_headers.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "gateway/http/header_text.h"
#include "gateway/http/message.h"

namespace orama::gateway::middleware {

namespace {

constexpr std::string_view kLines =
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "X-XSS-Protection: 0\r\n"
    "Referrer-Policy: strict-origin-when-cross-origin\r\n"
    "Permissions-Policy: camera=(), microphone=(), geolocation=()\r\n";

}  // namespace

void append_security_headers(std::string& lines, const http::Response& response, Scheme scheme) {
  lines.append(kLines);
  if (scheme == Scheme::https) {
    lines.append("Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n");
  }
  const bool has_cache_control = std::any_of(
      response.headers.begin(), response.headers.end(),
      [](const auto& header) { return http::equal_ignoring_case(header.first, "cache-control"); });
  if (!has_cache_control) {
    lines.append("Cache-Control: no-store\r\n");
  }
}

}  // namespace orama::gateway::middleware
