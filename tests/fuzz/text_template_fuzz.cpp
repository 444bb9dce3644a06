// A template and a value, split at the first zero byte: what a value writes stays one value to the
// reader of its format.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/text_escape.h"
#include "common/text_template.h"
#include "common/yaml_tree.h"
#include "tests/fuzz/require.h"

namespace {

using orama::TemplateFormat;

// What a POSIX shell, and systemd, read from text in double quotes.
std::string unquote(std::string_view text) {
  FUZZ_REQUIRE(text.size() >= 2 && text.front() == '"' && text.back() == '"');
  std::string value;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    FUZZ_REQUIRE(text[i] != '"' && text[i] != '$' && text[i] != '`');
    if (text[i] == '\\') {
      ++i;
      FUZZ_REQUIRE(i + 1 < text.size());
    }
    value += text[i];
  }
  return value;
}

void check_value(std::string_view value) {
  for (const auto format : {TemplateFormat::systemd, TemplateFormat::env_file, TemplateFormat::yaml,
                            TemplateFormat::caddyfile, TemplateFormat::plain}) {
    const auto escaped = orama::escape_value(value, format);
    if (!escaped.ok()) {
      continue;
    }
    FUZZ_REQUIRE(std::none_of(escaped->begin(), escaped->end(),
                              [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }));
    if (format == TemplateFormat::env_file) {
      FUZZ_REQUIRE(unquote(*escaped) == value);
    } else if (format == TemplateFormat::yaml) {
      const auto tree = orama::parse_yaml("key: " + *escaped + "\nnext: 1\n", "f");
      FUZZ_REQUIRE(tree.ok() && tree->items.size() == 2 && tree->items[0].text == value);
    } else if (format == TemplateFormat::caddyfile) {
      FUZZ_REQUIRE(escaped->find_first_of("{}") == std::string::npos && !escaped->empty());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto zero = text.find('\0');
  const std::string_view value = zero == std::string_view::npos ? "" : text.substr(zero + 1);
  check_value(value);
  const orama::TemplateValues values{{"a", std::string(value)}, {"b", "two"}};
  const auto filled = orama::fill_template(text.substr(0, zero), values, TemplateFormat::plain);
  FUZZ_REQUIRE(filled.ok() || filled.error().message.starts_with("line "));
  return 0;
}
