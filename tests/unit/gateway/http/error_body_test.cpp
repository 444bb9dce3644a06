#include "gateway/http/error_body.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "gateway/http/api_error.h"
#include "gateway/http/message.h"

namespace orama::gateway::http {

namespace {

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [each, value] : response.headers) {
    if (each == name) {
      return value;
    }
  }
  return "";
}

ApiError error_of(ApiCode code) {
  ApiError error;
  error.code = code;
  error.message = "it failed";
  return error;
}

}  // namespace

TEST_CASE("the body has what the contract lists and nothing that is empty") {
  ApiError error = error_of(ApiCode::validation_failed);
  CHECK(error_fields(error, "id-1") == nlohmann::json{{"error", "it failed"},
                                                      {"code", "VALIDATION_FAILED"},
                                                      {"request_id", "id-1"}});
  error.hint = "do that";
  error.details = {{"field", "name"}};
  const Response response = error_response(error, "id-1");
  CHECK(response.status == 400);
  CHECK(nlohmann::json::parse(response.body) == nlohmann::json{{"error", "it failed"},
                                                               {"code", "VALIDATION_FAILED"},
                                                               {"request_id", "id-1"},
                                                               {"hint", "do that"},
                                                               {"details", {{"field", "name"}}}});
}

TEST_CASE("bytes that are no UTF-8 do not break the answer") {
  ApiError error = error_of(ApiCode::not_found);
  error.message = "no \xFF";
  CHECK(nlohmann::json::parse(error_response(error, "r").body)["error"] == "no \xEF\xBF\xBD");
}

TEST_CASE("a refused caller is told how to authenticate") {
  CHECK(header_of(error_response(error_of(ApiCode::unauthenticated), "r"), "WWW-Authenticate") ==
        R"(Bearer realm="gateway", charset="UTF-8")");
  CHECK(header_of(error_response(error_of(ApiCode::token_invalid), "r"), "WWW-Authenticate") ==
        R"(Bearer realm="gateway", error="invalid_token")");
}

TEST_CASE("an internal error says nothing of its inside on the wire") {
  const ApiError hidden =
      to_api_error(make_error(Errc::failed, "open /etc/orama/secrets/x: EACCES"));
  CHECK(hidden.code == ApiCode::internal);
  CHECK(hidden.message == "internal error");
  const ApiError shown =
      to_api_error(make_error(Errc::conflict, "the name is taken", "choose another"));
  CHECK(wire_name(shown.code) == "CONFLICT");
  CHECK(shown.message == "the name is taken");
  CHECK(shown.hint == "choose another");
  CHECK(http_status(to_api_error(make_error(Errc::timeout, "slow")).code) == 504);
  CHECK(http_status(to_api_error(make_error(Errc::unreachable, "gone")).code) == 503);
}

}  // namespace orama::gateway::http
