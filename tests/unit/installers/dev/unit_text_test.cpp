#include "installers/dev/unit_text.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"

namespace orama::installers {
namespace {

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("sections, comments and continued lines of a unit") {
  const auto lines = parse_unit_text(
      "# a comment\n; another\n[Unit]\nDescription = a thing \n\n[Service]\n"
      "ExecStart=/bin/a one \\\n  two \\\n# in between\n  three\nRestart=always");
  REQUIRE(lines.ok());
  REQUIRE(lines->size() == 3);
  CHECK(lines->at(0).section == "Unit");
  CHECK(lines->at(0).key == "Description");
  CHECK(lines->at(0).value == "a thing");
  CHECK(lines->at(1).value == "/bin/a one  two  three");
  CHECK(lines->at(1).number == 7);
  CHECK(lines->at(2).section == "Service");
  CHECK(lines->at(2).number == 11);
}

TEST_CASE("what is no unit text is refused with its line") {
  struct Case {
    const char *text, *where;
  };
  for (const Case& bad : {Case{"Type=exec\n", "line 1"}, Case{"[Service]\nType\n", "line 2"},
                          Case{"[Service]\n\n=exec\n", "line 3"}, Case{"[Service\n", "line 1"},
                          Case{"[]\n", "line 1"}}) {
    const auto lines = parse_unit_text(bad.text);
    REQUIRE_MESSAGE(!lines.ok(), bad.text);
    CHECK(lines.error().code == Errc::invalid_argument);
    CHECK_MESSAGE(lines.error().message.find(bad.where) != std::string::npos,
                  lines.error().message);
  }
}

TEST_CASE("words of a command line") {
  const std::vector<std::pair<const char*, Words>> good = {
      {"", {}},
      {"  one\ttwo ", {"one", "two"}},
      {"'one two' \"three  four\"", {"one two", "three  four"}},
      {"A='b c'd", {"A=b cd"}},
      {"''", {""}},
      {"a\\ b \\\"c\\\" \\\\", {"a b", "\"c\"", "\\"}},
      {"one\\stwo\\n", {"one two\n"}},
  };
  for (const auto& [text, words] : good) {
    const auto split = split_unit_words(text);
    REQUIRE_MESSAGE(split.ok(), text);
    CHECK_MESSAGE(*split == words, text);
  }
  CHECK(split_unit_words("\"open").error().code == Errc::invalid_argument);
  CHECK(split_unit_words("it's").error().code == Errc::invalid_argument);
}

TEST_CASE("an environment file") {
  const auto variables = parse_environment_file(
      "# comment\nORAMA_NODE_ID=node_1\nWORDS=-join a:1,b:2 -join-as join\n\nQ=\"a \\\"b\\\"\"\n"
      "EMPTY=\n");
  REQUIRE(variables.ok());
  CHECK(*variables ==
        std::vector<std::pair<std::string, std::string>>{{"ORAMA_NODE_ID", "node_1"},
                                                         {"WORDS", "-join a:1,b:2 -join-as join"},
                                                         {"Q", "a \"b\""},
                                                         {"EMPTY", ""}});
  for (const char* bad : {"A\n", "=b\n", "A=\"b\n", "A=\"b\" c\n"}) {
    CHECK_MESSAGE(!parse_environment_file(bad).ok(), bad);
  }
}

}  // namespace orama::installers
