// The seam to authentication (http-api.md 5.1): the pipeline reads where a credential is, this says
// whose.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::auth {

struct Credential {
  enum class Kind : std::uint8_t { api_key, jwt };
  Kind kind = Kind::api_key;
  std::string_view text;
};

struct Principal {
  std::string id;  // for logs: wallet or key id, never the credential
  std::string name_space;
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // A principal, or the code that the refused credential gets: api_key_invalid, token_invalid, ….
  virtual Awaitable<std::variant<Principal, http::ApiCode>> verify(Credential credential) = 0;
};

}  // namespace orama::gateway::auth
