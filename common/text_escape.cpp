#include "common/text_escape.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "common/result.h"
#include "common/text_template.h"

namespace orama {

namespace {

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
}

Error refused(const std::string& why) {
  return make_error(Errc::invalid_argument, "the value holds " + why);
}

Result<void> refuse_any_of(std::string_view value, std::string_view characters,
                           const char* format) {
  const auto at = value.find_first_of(characters);
  if (at != std::string_view::npos) {
    return refused(std::string("'") + value[at] + "', which " + format + " cannot carry");
  }
  return {};
}

std::string with_prefix(std::string_view value, std::string_view characters, char prefix) {
  std::string text;
  for (const char c : value) {
    if (characters.find(c) != std::string_view::npos) {
      text += prefix;
    }
    text += c;
  }
  return text;
}

std::string systemd_value(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '%' || c == '\\') {
      text += c;
    }
    text += c;
  }
  return text;
}

// YAML 1.2 section 5.7; what is not printable there is written by its number.
std::string yaml_value(std::string_view value, const std::u32string& points) {
  std::string text = "\"";
  std::size_t at = 0;
  for (const char32_t c : points) {
    const std::size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    if (is_control(c) || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF) {
      std::array<char, 16> number{};
      std::snprintf(number.data(), number.size(), "\\u%04X", static_cast<unsigned>(c));
      text += number.data();
    } else {
      if (c == '"' || c == '\\') {
        text += '\\';
      }
      text += value.substr(at, length);
    }
    at += length;
  }
  return text + "\"";
}

// Bare where no reader of a Caddyfile sees more than letters; else raw in backticks, which know no
// escapes.
std::string caddyfile_value(std::string_view value) {
  constexpr std::string_view kBare = "-._:/@*+,=~%[]";
  const bool bare = !value.empty() && std::all_of(value.begin(), value.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kBare.find(c) != std::string_view::npos;
  });
  return bare ? std::string(value) : "`" + std::string(value) + "`";
}

struct Lead {
  std::size_t length;
  std::uint32_t bits;
  std::uint32_t lowest;
};

Lead read_lead(unsigned char c) {
  if (c < 0x80) {
    return {1, c, 0};
  }
  if ((c & 0xE0U) == 0xC0) {
    return {2, c & 0x1FU, 0x80};
  }
  if ((c & 0xF0U) == 0xE0) {
    return {3, c & 0x0FU, 0x800};
  }
  if ((c & 0xF8U) == 0xF0) {
    return {4, c & 0x07U, 0x10000};
  }
  return {0, 0, 0};
}

}  // namespace

Result<std::u32string> decode_utf8(std::string_view text) {
  std::u32string points;
  std::size_t at = 0;
  while (at < text.size()) {
    const Lead lead = read_lead(static_cast<unsigned char>(text[at]));
    std::uint32_t point = lead.bits;
    if (lead.length == 0 || at + lead.length > text.size()) {
      return refused("bytes that are not UTF-8");
    }
    for (std::size_t i = 1; i < lead.length; ++i) {
      const auto c = static_cast<unsigned char>(text[at + i]);
      if ((c & 0xC0U) != 0x80) {
        return refused("bytes that are not UTF-8");
      }
      point = point << 6U | (c & 0x3FU);
    }
    if (point < lead.lowest || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
      return refused("bytes that are not UTF-8");
    }
    points.push_back(static_cast<char32_t>(point));
    at += lead.length;
  }
  return points;
}

Result<std::string> escape_value(std::string_view value, TemplateFormat format) {
  TRY(points, decode_utf8(value));
  if (format != TemplateFormat::yaml && std::any_of(points.begin(), points.end(), is_control)) {
    return refused("a control character or a line break");
  }
  switch (format) {
    case TemplateFormat::systemd:
      // Quotes join words and $ names variables in ExecStart=, and no escape means the same
      // everywhere.
      TRY_VOID(refuse_any_of(value, "\"'$", "a unit file"));
      return systemd_value(value);
    case TemplateFormat::env_file:
      return "\"" + with_prefix(value, "\\\"`$", '\\') + "\"";
    case TemplateFormat::yaml:
      return yaml_value(value, points);
    case TemplateFormat::caddyfile:
      TRY_VOID(refuse_any_of(value, "`{}", "a Caddyfile"));
      return caddyfile_value(value);
    case TemplateFormat::plain:
      return std::string(value);
  }
  assertion_failed("a known TemplateFormat", __FILE__, __LINE__);
}

}  // namespace orama
