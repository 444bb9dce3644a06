#include "gateway/http/api_error.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "common/result.h"

namespace orama::gateway::http {

namespace {

struct Row {
  std::string_view name;
  int status;
};

constexpr Row row(ApiCode code) {
  switch (code) {
    case ApiCode::bad_request:
      return {"BAD_REQUEST", 400};
    case ApiCode::invalid_json:
      return {"INVALID_JSON", 400};
    case ApiCode::validation_failed:
      return {"VALIDATION_FAILED", 400};
    case ApiCode::unauthenticated:
      return {"UNAUTHENTICATED", 401};
    case ApiCode::api_key_invalid:
      return {"API_KEY_INVALID", 401};
    case ApiCode::token_invalid:
      return {"TOKEN_INVALID", 401};
    case ApiCode::forbidden:
      return {"FORBIDDEN", 403};
    case ApiCode::domain_not_allowed:
      return {"DOMAIN_NOT_ALLOWED", 403};
    case ApiCode::route_not_found:
      return {"ROUTE_NOT_FOUND", 404};
    case ApiCode::not_found:
      return {"NOT_FOUND", 404};
    case ApiCode::method_not_allowed:
      return {"METHOD_NOT_ALLOWED", 405};
    case ApiCode::request_timeout:
      return {"REQUEST_TIMEOUT", 408};
    case ApiCode::conflict:
      return {"CONFLICT", 409};
    case ApiCode::payload_too_large:
      return {"PAYLOAD_TOO_LARGE", 413};
    case ApiCode::uri_too_long:
      return {"URI_TOO_LONG", 414};
    case ApiCode::unsupported_media_type:
      return {"UNSUPPORTED_MEDIA_TYPE", 415};
    case ApiCode::headers_too_large:
      return {"HEADERS_TOO_LARGE", 431};
    case ApiCode::internal:
      return {"INTERNAL", 500};
    case ApiCode::backend_unavailable:
      return {"BACKEND_UNAVAILABLE", 503};
    case ApiCode::overloaded:
      return {"OVERLOADED", 503};
    case ApiCode::shutting_down:
      return {"SHUTTING_DOWN", 503};
    case ApiCode::backend_timeout:
      return {"BACKEND_TIMEOUT", 504};
    case ApiCode::origin_forbidden:
      return {"ORIGIN_FORBIDDEN", 403};
    case ApiCode::rate_limited:
      return {"RATE_LIMITED", 429};
    case ApiCode::quorum_would_break:
      return {"QUORUM_WOULD_BREAK", 409};
    case ApiCode::join_malformed:
      return {"JOIN_MALFORMED", 400};
    case ApiCode::invite_unknown:
      return {"INVITE_UNKNOWN", 401};
    case ApiCode::invite_used:
      return {"INVITE_USED", 409};
    case ApiCode::invite_expired:
      return {"INVITE_EXPIRED", 410};
    case ApiCode::invite_revoked:
      return {"INVITE_REVOKED", 410};
    case ApiCode::node_exists:
      return {"NODE_EXISTS", 409};
    case ApiCode::version_skew:
      return {"VERSION_SKEW", 409};
    case ApiCode::quorum_lost:
      return {"QUORUM_LOST", 503};
    case ApiCode::mesh_full:
      return {"MESH_FULL", 507};
  }
  return {"INTERNAL", 500};
}

ApiCode code_of(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return ApiCode::validation_failed;
    case Errc::not_allowed:
      return ApiCode::forbidden;
    case Errc::not_found:
      return ApiCode::not_found;
    case Errc::conflict:
      return ApiCode::conflict;
    case Errc::timeout:
      return ApiCode::backend_timeout;
    case Errc::unreachable:
      return ApiCode::backend_unavailable;
    case Errc::quorum_refused:
      return ApiCode::conflict;
    case Errc::too_large:
      return ApiCode::payload_too_large;
    case Errc::failed:
    case Errc::pending:
    case Errc::preflight_failed:
    case Errc::locked:
    case Errc::needs_root:
    case Errc::interrupted:
      return ApiCode::internal;
  }
  return ApiCode::internal;
}

}  // namespace

std::string_view wire_name(ApiCode code) {
  return row(code).name;
}

int http_status(ApiCode code) {
  return row(code).status;
}

ApiError make_api_error(ApiCode code, std::string_view message, std::string_view hint) {
  ApiError error;
  error.code = code;
  error.message = message;
  error.hint = hint;
  return error;
}

ApiError payload_too_large(std::size_t limit) {
  ApiError error;
  error.code = ApiCode::payload_too_large;
  error.message = "the body is larger than " + std::to_string(limit) + " bytes";
  error.details = {{"limit", limit}};
  return error;
}

ApiError to_api_error(const Error& error) {
  ApiError result;
  result.code = code_of(error.code);
  if (result.code == ApiCode::internal) {
    result.message = "internal error";  // what failed inside is for the log
    return result;
  }
  result.message = error.message;
  result.hint = error.hint;
  return result;
}

}  // namespace orama::gateway::http
