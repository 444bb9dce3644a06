#include "gateway/middleware/credentials.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/auth/authenticator.h"
#include "gateway/http/header_text.h"
#include "gateway/http/message.h"

namespace orama::gateway::middleware {

namespace {

using Kind = auth::Credential::Kind;

std::optional<auth::Credential> read_authorization(std::string_view value) {
  const std::size_t space = value.find(' ');
  if (space == std::string_view::npos) {
    return value.empty() ? std::nullopt : std::optional(auth::Credential{Kind::api_key, value});
  }
  const std::string_view scheme = value.substr(0, space);
  const std::string_view text = http::trim(value.substr(space));
  if (text.empty()) {
    return std::nullopt;
  }
  if (http::equal_ignoring_case(scheme, "bearer")) {
    const bool is_jwt = std::count(text.begin(), text.end(), '.') == 2;
    return auth::Credential{is_jwt ? Kind::jwt : Kind::api_key, text};
  }
  return http::equal_ignoring_case(scheme, "apikey")
             ? std::optional(auth::Credential{Kind::api_key, text})
             : std::nullopt;
}

}  // namespace

std::vector<auth::Credential> read_credentials(const http::Request& request) {
  std::vector<auth::Credential> found;
  if (const auto authorization = request.header("authorization")) {
    if (const std::optional<auth::Credential> credential = read_authorization(*authorization)) {
      found.push_back(*credential);
    }
  }
  if (const auto key = request.header("x-api-key"); key && !key->empty()) {
    const bool jwt_first = !found.empty() && found.front().kind == Kind::jwt;
    found.insert(jwt_first ? found.end() : found.begin(), auth::Credential{Kind::api_key, *key});
  }
  return found;
}

}  // namespace orama::gateway::middleware
