// The wire's error codes (http-api.md 4): each has one status and one retry class. Handlers return
// them as values; the pipeline writes the body. Codes of routes that are not built yet are added
// with their routes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/result.h"

namespace orama::gateway::http {

enum class ApiCode {
  bad_request,
  invalid_json,
  validation_failed,
  unauthenticated,
  api_key_invalid,
  token_invalid,
  forbidden,
  domain_not_allowed,
  route_not_found,
  not_found,
  method_not_allowed,
  request_timeout,
  conflict,
  payload_too_large,
  uri_too_long,
  unsupported_media_type,
  headers_too_large,
  internal,
  backend_unavailable,
  overloaded,
  shutting_down,
  backend_timeout,
  origin_forbidden,
  rate_limited,
  quorum_would_break,
  join_malformed,
  invite_unknown,
  invite_used,
  invite_expired,
  invite_revoked,
  node_exists,
  version_skew,
  quorum_lost,
  mesh_full,
};

std::string_view wire_name(ApiCode code);  // "BAD_REQUEST"
int http_status(ApiCode code);

struct ApiError {
  ApiCode code = ApiCode::internal;
  std::string message;
  std::string hint;
  nlohmann::json details;  // null: none
};

ApiError make_api_error(ApiCode code, std::string_view message, std::string_view hint = {});
ApiError payload_too_large(std::size_t limit);  // details: limit

// What an internal error becomes on the wire; the chain of context stays in the log.
ApiError to_api_error(const Error& error);

}  // namespace orama::gateway::http
