#include "common/json.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "common/result.h"

namespace orama {

namespace {

// Of brackets outside of strings; the parser finds whether they match.
bool is_too_deep(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      i += c == '\\' ? 1 : 0;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxJsonDepth) {
        return true;
      }
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text) {
  if (is_too_deep(text)) {
    return make_error(Errc::invalid_argument,
                      "found JSON nested deeper than " + std::to_string(kMaxJsonDepth) + " levels");
  }
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    return make_error(Errc::invalid_argument,
                      "found text that is not JSON at byte " + std::to_string(error.byte));
  } catch (const nlohmann::json::exception&) {  // a number that no double holds
    return make_error(Errc::invalid_argument, "found a number that is out of range in JSON");
  }
}

std::string text_of(const nlohmann::json& value, const char* key) {
  const auto found = value.is_object() ? value.find(key) : value.end();
  return found != value.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace orama
