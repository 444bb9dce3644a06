#include "gateway/http/message.h"

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/http/header_text.h"
#include "gateway/http/percent.h"

namespace orama::gateway::http {

std::string_view to_string(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::del:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      return "OTHER";
  }
  return "OTHER";
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  if (headers == nullptr) {
    return std::nullopt;
  }
  for (const Header& candidate : *headers) {
    if (equal_ignoring_case(candidate.name, name)) {
      return candidate.value;
    }
  }
  return std::nullopt;
}

std::optional<std::string> Request::query_parameter(std::string_view name) const {
  return find_query_parameter(query, name);
}

Response json_response(const nlohmann::json& body, int status) {
  Response response;
  response.status = status;
  // Texts of clients may be echoed: bytes that are no UTF-8 become U+FFFD instead of an exception.
  response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return response;
}

}  // namespace orama::gateway::http
