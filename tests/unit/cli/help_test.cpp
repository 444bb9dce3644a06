#include "cli/help.h"

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/completions.h"
#include "common/atomic_file.h"
#include "common/result.h"

namespace orama::cli {
namespace {

const std::string kSource = ORAMA_SOURCE_FOLDER;

std::string text_of(const std::string& path) {
  Result<std::string> text = read_file(kSource + "/" + path);
  REQUIRE_MESSAGE(text.ok(), path);
  return std::move(text).value();
}

const Command& command(std::string_view name) {
  for (const Command& row : commands()) {
    if (row.name == name) {
      return row;
    }
  }
  FAIL("no such command");
  return commands().front();
}

}  // namespace

TEST_CASE("help texts are what people have read before") {
  CHECK(program_help(commands()) == text_of("tests/golden/cli/help.txt"));
  CHECK(command_help(command("install")) == text_of("tests/golden/cli/install.txt"));
  CHECK(command_help(command("logs")) == text_of("tests/golden/cli/logs.txt"));
  CHECK(group_help(commands(), "mesh") == text_of("tests/golden/cli/mesh.txt"));
}

TEST_CASE("hidden commands and flags stay out of help") {
  CHECK(program_help(commands()).find("agent ") == std::string::npos);
  CHECK(command_help(command("install")).find("fault-points") == std::string::npos);
}

TEST_CASE("the man page has every command and every flag") {
  const std::string page = text_of("packaging/man/orama.1");
  for (const Command& row : commands()) {
    if (row.visibility == Visibility::hidden) {
      continue;
    }
    CAPTURE(row.name);
    CHECK(page.find(".SS \"orama " + std::string(row.name)) != std::string::npos);
    for (const Flag& flag : shown_flags(row)) {
      std::string escaped;
      for (const char c : flag.name) {
        escaped += c == '-' ? std::string("\\-") : std::string(1, c);
      }
      CAPTURE(flag.name);
      CHECK(page.find(escaped) != std::string::npos);
    }
  }
}

TEST_CASE("each command can be run, and says what it does in one line") {
  std::set<std::string_view> names;
  for (const Command& row : commands()) {
    CAPTURE(row.name);
    CHECK(names.insert(row.name).second);
    CHECK((row.run != nullptr));
    CHECK_FALSE(row.summary.empty());
    CHECK(row.summary.find('\n') == std::string_view::npos);
    for (const Flag& flag : row.flags) {
      CAPTURE(flag.name);
      CHECK(flag.name.starts_with("--"));
      CHECK_FALSE(flag.summary.empty());
      CHECK((flag.takes == Flag::Takes::nothing) == flag.value.empty());
    }
  }
}

TEST_CASE("the completion scripts in the package are those of this table") {
  CHECK(completion_script(commands(), "bash").value() == text_of("packaging/completions/orama"));
  CHECK(completion_script(commands(), "zsh").value() == text_of("packaging/completions/_orama"));
  CHECK(completion_script(commands(), "fish").value() ==
        text_of("packaging/completions/orama.fish"));
  CHECK(completion_script(commands(), "tcsh").error().code == Errc::invalid_argument);
}

}  // namespace orama::cli
