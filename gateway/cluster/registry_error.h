// What went wrong with the registry, as the API says it: unreachable and quorum_refused are 503, an
// unknown outcome is 504, both with the backend named.
#pragma once

#include "common/result.h"
#include "gateway/http/api_error.h"

namespace orama::gateway::cluster {

http::ApiError registry_error(const Error& error);

}  // namespace orama::gateway::cluster
