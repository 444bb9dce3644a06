#include "gateway/middleware/cors.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/http/response_writer.h"

namespace orama::gateway::middleware {

namespace {

constexpr std::string_view kFixedLines =
    "Access-Control-Allow-Methods: GET, PUT, POST, DELETE, OPTIONS\r\n"
    "Access-Control-Allow-Headers: Content-Type, Authorization, X-API-Key, X-Namespace, "
    "X-Request-ID, traceparent, tracestate, Range, If-None-Match, If-Range\r\n"
    "Access-Control-Expose-Headers: X-Request-ID, X-Duration-Ms, ETag, Content-Length, "
    "Content-Range, Accept-Ranges, Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate\r\n"
    "Access-Control-Max-Age: 600\r\n";

}  // namespace

Cors::Cors(std::vector<std::string> origins) : origins_(std::move(origins)), any_(lists("*")) {}

bool Cors::lists(std::string_view origin) const {
  return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

void Cors::append_headers(std::string& lines, std::optional<std::string_view> origin) const {
  if (any_) {
    lines.append("Access-Control-Allow-Origin: *\r\n");
  } else {
    if (origin && lists(*origin)) {
      http::append_header(lines, "Access-Control-Allow-Origin", *origin);
    }
    lines.append(
        "Vary: Origin\r\n");  // without it a cache would give one origin's answer to another
  }
  lines.append(kFixedLines);
}

bool Cors::allows_websocket(std::optional<std::string_view> origin) const {
  return any_ || !origin || lists(*origin);
}

}  // namespace orama::gateway::middleware
