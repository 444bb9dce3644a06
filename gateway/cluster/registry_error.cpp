#include "gateway/cluster/registry_error.h"

#include "common/result.h"
#include "gateway/http/api_error.h"

namespace orama::gateway::cluster {

using http::ApiCode;
using http::ApiError;

ApiError registry_error(const Error& error) {
  ApiError out = http::to_api_error(error);
  if (error.code == Errc::unreachable || error.code == Errc::quorum_refused) {
    out.code = ApiCode::backend_unavailable;
    out.message = "the registry cannot serve now";
  }
  if (out.code == ApiCode::backend_unavailable || out.code == ApiCode::backend_timeout) {
    out.details = {{"backend", "registry"}};
  }
  return out;
}

}  // namespace orama::gateway::cluster
