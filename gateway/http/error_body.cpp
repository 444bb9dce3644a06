#include "gateway/http/error_body.h"

#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/http/api_error.h"
#include "gateway/http/message.h"

namespace orama::gateway::http {

namespace {

std::string_view challenge(ApiCode code) {
  return code == ApiCode::unauthenticated ? R"(Bearer realm="gateway", charset="UTF-8")"
                                          : R"(Bearer realm="gateway", error="invalid_token")";
}

}  // namespace

nlohmann::json error_fields(const ApiError& error, std::string_view request_id) {
  nlohmann::json body{
      {"error", error.message}, {"code", wire_name(error.code)}, {"request_id", request_id}};
  if (!error.hint.empty()) {
    body["hint"] = error.hint;
  }
  if (error.details.is_object() && !error.details.empty()) {
    body["details"] = error.details;
  }
  return body;
}

Response error_response(const ApiError& error, std::string_view request_id) {
  const int status = http_status(error.code);
  Response response = json_response(error_fields(error, request_id), status);
  if (status == 401) {
    response.headers.emplace_back("WWW-Authenticate", challenge(error.code));
  }
  return response;
}

}  // namespace orama::gateway::http
