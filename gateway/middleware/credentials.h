// Where a request carries credentials (http-api.md 5.1), in the order in which they are tried.
#pragma once

#include <vector>

#include "gateway/auth/authenticator.h"
#include "gateway/http/message.h"

namespace orama::gateway::middleware {

// Texts point into the request. Empty values count as absent; schemes of others are no credentials
// of ours.
std::vector<auth::Credential> read_credentials(const http::Request& request);

}  // namespace orama::gateway::middleware
