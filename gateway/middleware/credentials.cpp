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
  const std::string_view scheme = value.substr(0, space);
  const bool bearer = http::equal_ignoring_case(scheme, "bearer");
  const bool named = bearer || http::equal_ignoring_case(scheme, "apikey");
  if (space == std::string_view::npos) {
    // A scheme without a credential is an empty value, not a key of that name.
    return value.empty() || named ? std::nullopt
                                  : std::optional(auth::Credential{Kind::api_key, value});
  }
  const std::string_view text = http::trim(value.substr(space));
  if (text.empty() || !named) {
    return std::nullopt;
  }
  const bool is_jwt = bearer && std::count(text.begin(), text.end(), '.') == 2;
  return auth::Credential{is_jwt ? Kind::jwt : Kind::api_key, text};
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
