#include "gateway/http/api_error.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "common/result.h"

namespace orama::gateway::http {

namespace {

struct Row {
  ApiCode code;
  std::string_view name;
  int status;
};

// In the order of the codes.
constexpr auto kRows = std::to_array<Row>({
    {ApiCode::bad_request, "BAD_REQUEST", 400},
    {ApiCode::invalid_json, "INVALID_JSON", 400},
    {ApiCode::validation_failed, "VALIDATION_FAILED", 400},
    {ApiCode::unauthenticated, "UNAUTHENTICATED", 401},
    {ApiCode::api_key_invalid, "API_KEY_INVALID", 401},
    {ApiCode::token_invalid, "TOKEN_INVALID", 401},
    {ApiCode::forbidden, "FORBIDDEN", 403},
    {ApiCode::domain_not_allowed, "DOMAIN_NOT_ALLOWED", 403},
    {ApiCode::route_not_found, "ROUTE_NOT_FOUND", 404},
    {ApiCode::not_found, "NOT_FOUND", 404},
    {ApiCode::method_not_allowed, "METHOD_NOT_ALLOWED", 405},
    {ApiCode::request_timeout, "REQUEST_TIMEOUT", 408},
    {ApiCode::conflict, "CONFLICT", 409},
    {ApiCode::payload_too_large, "PAYLOAD_TOO_LARGE", 413},
    {ApiCode::uri_too_long, "URI_TOO_LONG", 414},
    {ApiCode::unsupported_media_type, "UNSUPPORTED_MEDIA_TYPE", 415},
    {ApiCode::headers_too_large, "HEADERS_TOO_LARGE", 431},
    {ApiCode::internal, "INTERNAL", 500},
    {ApiCode::backend_unavailable, "BACKEND_UNAVAILABLE", 503},
    {ApiCode::overloaded, "OVERLOADED", 503},
    {ApiCode::shutting_down, "SHUTTING_DOWN", 503},
    {ApiCode::backend_timeout, "BACKEND_TIMEOUT", 504},
    {ApiCode::origin_forbidden, "ORIGIN_FORBIDDEN", 403},
    {ApiCode::rate_limited, "RATE_LIMITED", 429},
    {ApiCode::quorum_would_break, "QUORUM_WOULD_BREAK", 409},
    {ApiCode::join_malformed, "JOIN_MALFORMED", 400},
    {ApiCode::invite_unknown, "INVITE_UNKNOWN", 401},
    {ApiCode::invite_used, "INVITE_USED", 409},
    {ApiCode::invite_expired, "INVITE_EXPIRED", 410},
    {ApiCode::invite_revoked, "INVITE_REVOKED", 410},
    {ApiCode::node_exists, "NODE_EXISTS", 409},
    {ApiCode::version_skew, "VERSION_SKEW", 409},
    {ApiCode::quorum_lost, "QUORUM_LOST", 503},
    {ApiCode::mesh_full, "MESH_FULL", 507},
});

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].code) != i) {
      return false;
    }
  }
  return true;
}
static_assert(in_order() && static_cast<std::size_t>(ApiCode::mesh_full) + 1 == kRows.size());

constexpr const Row& row(ApiCode code) {
  return kRows.at(static_cast<std::size_t>(code));
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
