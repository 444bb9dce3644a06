#include "gateway/http/json_body.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "common/api/fields.h"
#include "common/result.h"
#include "gateway/http/api_error.h"
#include "gateway/http/header_text.h"
#include "gateway/http/message.h"

namespace orama::gateway::http {

namespace {

bool is_json_media_type(std::string_view content_type) {
  const std::string_view type = trim(content_type.substr(0, content_type.find(';')));
  if (equal_ignoring_case(type, "application/json")) {
    return true;
  }
  constexpr std::string_view kTree = "application/";
  constexpr std::string_view kSuffix = "+json";
  return type.size() > kTree.size() + kSuffix.size() &&
         equal_ignoring_case(type.substr(0, kTree.size()), kTree) &&
         equal_ignoring_case(type.substr(type.size() - kSuffix.size()), kSuffix);
}

ApiError invalid_json(std::string message, std::size_t offset) {
  ApiError error;
  error.code = ApiCode::invalid_json;
  error.message = std::move(message);
  error.details = {{"offset", offset}};
  return error;
}

// Where the text goes deeper than the limit. Brackets inside of strings do not count.
std::optional<std::size_t> too_deep_at(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxJsonDepth) {
        return i;
      }
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return std::nullopt;
}

}  // namespace

ApiError validation_failed(std::string_view field, std::string reason) {
  ApiError error;
  error.code = ApiCode::validation_failed;
  error.message = field.empty() ? reason : "`" + std::string(field) + "`: " + reason;
  error.details = {{"field", field}, {"reason", std::move(reason)}};
  return error;
}

ApiError validation_failed(const Error& field_error) {
  const api::FieldReason parts = api::split_field_error(field_error);
  return validation_failed(parts.field, parts.reason);
}

std::variant<nlohmann::json, ApiError> parse_json_object(const Request& request) {
  const std::optional<std::string_view> content_type = request.header("content-type");
  if (!request.body.empty() && content_type && !is_json_media_type(*content_type)) {
    ApiError error;
    error.code = ApiCode::unsupported_media_type;
    error.message = "the body must be JSON";
    error.details = {{"expected", "application/json"}};
    return error;
  }
  if (request.body.substr(0, 3) == "\xEF\xBB\xBF") {  // nlohmann would skip it
    return invalid_json("the body begins with a byte order mark", 0);
  }
  if (const std::optional<std::size_t> offset = too_deep_at(request.body)) {
    return invalid_json("the body is nested deeper than 64", *offset);
  }
  try {
    nlohmann::json body = nlohmann::json::parse(request.body);
    if (!body.is_object()) {
      return validation_failed("", "the body must be a JSON object");
    }
    return body;
  } catch (const nlohmann::json::parse_error& e) {
    return invalid_json("the body is not JSON", e.byte > 0 ? e.byte - 1 : 0);
  } catch (const nlohmann::json::exception&) {  // 1e400
    return invalid_json("the body holds a number that is out of range", 0);
  }
}

}  // namespace orama::gateway::http
