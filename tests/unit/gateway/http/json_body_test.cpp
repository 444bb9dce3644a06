#include "gateway/http/json_body.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/http/api_error.h"
#include "gateway/http/message.h"

namespace orama::gateway::http {

namespace {

// The code of the error, or "" and the body.
std::string verdict(std::string_view body, std::string_view content_type,
                    ApiError* error = nullptr) {
  std::vector<Header> headers;
  if (!content_type.empty()) {
    headers.push_back(Header{"Content-Type", content_type});
  }
  Request request;
  request.headers = &headers;
  request.body = body;
  const auto result = parse_json_object(request);
  if (const auto* failed = std::get_if<ApiError>(&result)) {
    if (error != nullptr) {
      *error = *failed;
    }
    return std::string(wire_name(failed->code));
  }
  return "";
}

std::string nested(std::size_t depth) {
  std::string text = R"({"a":)";
  text.append(depth - 1, '[').append(depth - 1, ']').append("}");
  return text;
}

}  // namespace

TEST_CASE("media types") {
  for (const std::string_view good : {"", "application/json", "Application/JSON; charset=utf-8",
                                      "application/vnd.orama+json", "application/json ;x=y"}) {
    CAPTURE(good);
    CHECK(verdict("{}", good).empty());
  }
  for (const std::string_view bad : {"text/plain", "application/x-www-form-urlencoded", "json",
                                     "application/+json", "text/json", "application/jsonx"}) {
    CAPTURE(bad);
    CHECK(verdict("{}", bad) == "UNSUPPORTED_MEDIA_TYPE");
  }
}

TEST_CASE("what is not JSON says where") {
  ApiError error;
  CHECK(verdict(R"({"a":1,})", "", &error) == "INVALID_JSON");
  CHECK(error.details["offset"] == 7);
  for (const std::string_view bad : {"", " ", "{", "{'a':1}", "{\"a\":\"\xFF\"}", "\xEF\xBB\xBF{}",
                                     "{} {}", "{\"a\":01}", "{\"a\":1e400}"}) {
    CAPTURE(bad);
    CHECK(verdict(bad, "") == "INVALID_JSON");
  }
  for (const std::string_view other : {"[]", "1", "null", "\"x\""}) {
    CAPTURE(other);
    CHECK(verdict(other, "") == "VALIDATION_FAILED");
  }
}

TEST_CASE("depth, at the limit and one past it") {
  CHECK(verdict(nested(kMaxJsonDepth), "").empty());
  CHECK(verdict(nested(kMaxJsonDepth + 1), "") == "INVALID_JSON");
  // brackets in a string are text
  CHECK(verdict("{\"a\":\"\\\"" + std::string(100, '[') + "\"}", "").empty());
}

}  // namespace orama::gateway::http
