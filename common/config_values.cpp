#include "common/config_values.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/text_escape.h"
#include "common/text_template.h"
#include "common/yaml_tree.h"

namespace orama {

namespace {

template <class Number>
std::optional<Number> read_number(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::scalar || node.quoted) {
    return std::nullopt;
  }
  Number number{};
  const char* const end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, number);
  if (error != std::errc{} || stop != end) {
    return std::nullopt;
  }
  return number;
}

// True when the text, written bare inside a flow list, is read back as this very text.
bool is_bare(std::string_view text) {
  constexpr std::string_view kInside = "-._/*+@%~";
  const auto plain = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kInside.find(c) != std::string_view::npos;
  };
  const auto first = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/';
  };
  return !text.empty() && first(text.front()) && std::all_of(text.begin(), text.end(), plain) &&
         text != "true" && text != "false" && text != "null";
}

}  // namespace

std::string describe_yaml(const YamlNode& node) {
  constexpr std::size_t kShown = 80;
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::map:
      return "a mapping";
    case YamlNode::Kind::scalar:
      break;
  }
  if (node.text.size() > kShown) {
    return "a text of " + std::to_string(node.text.size()) + " bytes";
  }
  return ConfigValue<std::string>::show(node.text);
}

std::optional<std::string> ConfigValue<std::string>::read(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::scalar) {
    return std::nullopt;
  }
  return node.text;
}

std::string ConfigValue<std::string>::show(const std::string& value) {
  if (is_bare(value)) {
    return value;
  }
  auto quoted = escape_value(value, TemplateFormat::yaml);
  return quoted.ok() ? std::move(quoted).value() : "text that is not UTF-8";
}

std::optional<bool> ConfigValue<bool>::read(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::scalar || node.quoted ||
      (node.text != "true" && node.text != "false")) {
    return std::nullopt;
  }
  return node.text == "true";
}

std::string ConfigValue<bool>::show(bool value) {
  return value ? "true" : "false";
}

std::optional<std::int64_t> ConfigValue<std::int64_t>::read(const YamlNode& node) {
  return read_number<std::int64_t>(node);
}

std::string ConfigValue<std::int64_t>::show(std::int64_t value) {
  return std::to_string(value);
}

std::optional<double> ConfigValue<double>::read(const YamlNode& node) {
  const auto number = read_number<double>(node);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::string ConfigValue<double>::show(double value) {
  std::string text(64, '\0');
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  text.resize(error == std::errc{} ? static_cast<std::size_t>(end - text.data()) : 0);
  return text;
}

std::optional<std::chrono::nanoseconds> ConfigValue<std::chrono::nanoseconds>::read(
    const YamlNode& node) {
  if (node.kind != YamlNode::Kind::scalar) {
    return std::nullopt;
  }
  const auto duration = parse_duration(node.text);
  return duration.ok() ? std::optional(*duration) : std::nullopt;
}

std::string ConfigValue<std::chrono::nanoseconds>::show(std::chrono::nanoseconds value) {
  return format_duration(value);
}

std::optional<std::vector<std::string>> ConfigValue<std::vector<std::string>>::read(
    const YamlNode& node) {
  if (node.kind != YamlNode::Kind::sequence) {
    return std::nullopt;
  }
  std::vector<std::string> values;
  for (const YamlNode& item : node.items) {
    if (item.kind != YamlNode::Kind::scalar) {
      return std::nullopt;
    }
    values.push_back(item.text);
  }
  return values;
}

std::string ConfigValue<std::vector<std::string>>::show(const std::vector<std::string>& value) {
  std::string text = "[";
  for (const std::string& item : value) {
    text += (text.size() > 1 ? ", " : "") + ConfigValue<std::string>::show(item);
  }
  return text + "]";
}

}  // namespace orama
