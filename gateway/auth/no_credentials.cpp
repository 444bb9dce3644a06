#include "gateway/auth/no_credentials.h"

#include <variant>

#include "gateway/auth/authenticator.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::auth {

Awaitable<std::variant<Principal, http::ApiCode>> NoCredentials::verify(Credential credential) {
  const http::ApiCode code = credential.kind == Credential::Kind::jwt
                                 ? http::ApiCode::token_invalid
                                 : http::ApiCode::api_key_invalid;
  co_return code;
}

}  // namespace orama::gateway::auth
