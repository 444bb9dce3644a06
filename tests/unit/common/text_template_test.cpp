#include "common/text_template.h"
#include "common/result.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace orama {
namespace {

using Format = TemplateFormat;

Result<std::string> fill_one(const std::string& value, Format format) {
  return fill_template("<${x}>", {{"x", value}}, format);
}

TEST_CASE("names are filled, two dollars are one, the rest stays byte for byte") {
  const TemplateValues values{{"name", "node1"}, {"n_2", "b"}, {"name_longer", "c"}};
  CHECK(fill_template("a ${name}${n_2} $$5 $${name} {x} }\n${name_longer}", values, Format::plain)
            .value() == "a node1b $5 ${name} {x} }\nc");
  CHECK(fill_template("", values, Format::plain).value().empty());
  CHECK(fill_template("$$", values, Format::plain).value() == "$");
}

TEST_CASE("a value is never read again as a template") {
  CHECK(fill_template("${a}", {{"a", "${b} $$ %n"}, {"b", "hidden"}}, Format::plain).value() ==
        "${b} $$ %n");
}

struct BadTemplate {
  const char* text;
  const char* message;
};

TEST_CASE("a template's faults are told with their line") {
  const std::vector<BadTemplate> cases{
      {"one\ntwo ${missing}\n", "line 2 of the template: ${missing} is not set"},
      {"$x", "line 1 of the template: found a lone $, expected ${name} or $$"},
      {"a\n\n$", "line 3 of the template: found a lone $, expected ${name} or $$"},
      {"${name", "line 1 of the template: found a lone $, expected ${name} or $$"},
      {"${}", "line 1 of the template: found a lone $, expected ${name} or $$"},
      {"${a b}", "line 1 of the template: found a lone $, expected ${name} or $$"},
      {"${a\n}", "line 1 of the template: found a lone $, expected ${name} or $$"},
      {"$$$", "line 1 of the template: found a lone $, expected ${name} or $$"},
  };
  for (const auto& [text, message] : cases) {
    CAPTURE(std::string(text));
    const auto filled = fill_template(text, {{"name", "x"}}, Format::plain);
    REQUIRE_FALSE(filled.ok());
    CHECK(filled.error().code == Errc::invalid_argument);
    CHECK(filled.error().message == message);
  }
}

struct Carried {
  Format format;
  const char* value;
  const char* written;
};

TEST_CASE("values come out as the format writes them") {
  const std::vector<Carried> cases{
      {Format::systemd, "203.0.113.11:6001", "203.0.113.11:6001"},
      {Format::systemd, "100% \\n %h", "100%% \\\\n %%h"},
      {Format::env_file, "plain", "\"plain\""},
      {Format::env_file, "", "\"\""},
      {Format::env_file, "a \"b\" `c` $HOME \\ #", "\"a \\\"b\\\" \\`c\\` \\$HOME \\\\ #\""},
      {Format::yaml, "yes", "\"yes\""},
      {Format::yaml, "", "\"\""},
      {Format::yaml, "a\"b\\c: {d} #e", "\"a\\\"b\\\\c: {d} #e\""},
      {Format::yaml, "two\nlines\x7f", "\"two\\u000Alines\\u007F\""},
      {Format::yaml, "é€😀\u2028\u0085\ufeff", "\"é€😀\\u2028\\u0085\\uFEFF\""},
      {Format::caddyfile, "https://[2001:db8::1]:443/*", "https://[2001:db8::1]:443/*"},
      {Format::caddyfile, "", "``"},
      {Format::caddyfile, "two words", "`two words`"},
      {Format::caddyfile, "#comment", "`#comment`"},
      {Format::caddyfile, "\"quoted\" \\", "`\"quoted\" \\`"},
      {Format::caddyfile, "<<HEREDOC", "`<<HEREDOC`"},
      {Format::plain, "any 'thing' \"at\" `all` $x", "any 'thing' \"at\" `all` $x"},
  };
  for (const auto& [format, value, written] : cases) {
    CAPTURE(std::string(value));
    CHECK(fill_one(value, format).value() == "<" + std::string(written) + ">");
  }
}

TEST_CASE("what a format cannot carry is refused and not quoted") {
  const std::vector<std::pair<Format, std::string>> cases{
      {Format::systemd, "a\nExecStart=/bin/sh"},
      {Format::systemd, "a\rb"},
      {Format::systemd, "a\"b"},
      {Format::systemd, "it's"},
      {Format::systemd, "$HOME"},
      {Format::systemd, "a\u2028b"},
      {Format::env_file, "a\nLD_PRELOAD=/x"},
      {Format::env_file, std::string("a\0b", 3)},
      {Format::caddyfile, "a`b"},
      {Format::caddyfile, "{env.SECRET}"},
      {Format::caddyfile, "}"},
      {Format::caddyfile, "a\tb"},
      {Format::plain, "\x1b[31m"},
      {Format::plain, "\u0085"},
      {Format::plain, "\x7f"},
      {Format::plain, "\xff\xfe"},
      {Format::yaml, "\xc0\xaf"},
      {Format::yaml, "\xed\xa0\x80"},
      {Format::yaml, "\xf4\x90\x80\x80"},
      {Format::yaml, "cut \xe2\x82"},
      {Format::yaml, "\x80"},
  };
  for (const auto& [format, value] : cases) {
    CAPTURE(std::string(value));
    const auto filled = fill_one(value, format);
    REQUIRE_FALSE(filled.ok());
    CHECK(filled.error().message.starts_with("line 1 of the template: ${x}: the value holds "));
    CHECK(filled.error().message.find("ExecStart") == std::string::npos);
  }
}

}  // namespace
}  // namespace orama
