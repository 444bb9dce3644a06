// The authenticator of a gateway that has issued no credential yet: every one is refused.
#pragma once

#include <variant>

#include "gateway/auth/authenticator.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::auth {

class NoCredentials final : public Authenticator {
 public:
  Awaitable<std::variant<Principal, http::ApiCode>> verify(Credential credential) override;
};

}  // namespace orama::gateway::auth
