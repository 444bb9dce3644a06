#include "common/text_template.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "common/result.h"
#include "common/text_escape.h"

namespace orama {

namespace {

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Error at_line(std::string_view text, std::size_t position, const std::string& what) {
  const auto line =
      1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(position), '\n');
  return make_error(Errc::invalid_argument,
                    "line " + std::to_string(line) + " of the template: " + what);
}

}  // namespace

Result<std::string> fill_template(std::string_view text, const TemplateValues& values,
                                  TemplateFormat format) {
  std::string filled;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto dollar = text.find('$', at);
    filled += text.substr(at, dollar - at);
    if (dollar == std::string_view::npos) {
      break;
    }
    if (text.substr(dollar, 2) == "$$") {
      filled += '$';
      at = dollar + 2;
      continue;
    }
    const auto close =
        text.substr(dollar, 2) == "${" ? text.find('}', dollar) : std::string_view::npos;
    if (close == std::string_view::npos || !is_name(text.substr(dollar + 2, close - dollar - 2))) {
      return at_line(text, dollar, "found a lone $, expected ${name} or $$");
    }
    const std::string_view name = text.substr(dollar + 2, close - dollar - 2);
    const auto value = values.find(name);
    if (value == values.end()) {
      return at_line(text, dollar, "${" + std::string(name) + "} is not set");
    }
    auto escaped = escape_value(value->second, format);
    if (!escaped.ok()) {
      return at_line(text, dollar, "${" + std::string(name) + "}: " + escaped.error().message);
    }
    filled += *escaped;
    at = close + 1;
  }
  return filled;
}

}  // namespace orama
