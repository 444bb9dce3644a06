#include "cli/command_line.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cli/commands.h"
#include "common/result.h"

namespace orama::cli {
namespace {

using Words = std::vector<std::string>;

Result<CommandLine> parse(const Words& words) {
  return parse_command_line(commands(), words);
}

std::string name_of(const Result<CommandLine>& line) {
  return line.ok() && line->command != nullptr ? std::string(line->command->name) : "";
}

}  // namespace

TEST_CASE("the words after a command are read against its row") {
  const auto install = parse({"install", "--vps-ip", "203.0.113.11", "--domain=node1.example.com",
                              "--skip", "dns", "--skip", "clock", "--nameserver", "--json", "-v"});
  REQUIRE(install.ok());
  CHECK(name_of(install) == "install");
  CHECK(install->arguments.text("--vps-ip") == "203.0.113.11");
  CHECK(install->arguments.text("--domain") == "node1.example.com");
  CHECK(install->arguments.all("--skip") == Words{"dns", "clock"});
  CHECK(install->arguments.has("--nameserver"));
  CHECK_FALSE(install->arguments.has("--plan"));
  CHECK(install->json);
  CHECK(install->verbose);
}

TEST_CASE("a flag that may be repeated does not swallow what follows its value") {
  CHECK_FALSE(parse({"install", "--skip", "dns", "clock"}).ok());
}

TEST_CASE("commands of two words, positional words and short flags") {
  CHECK(name_of(parse({"mesh", "show"})) == "mesh show");
  CHECK(name_of(parse({"config", "show", "--origin"})) == "config show");
  CHECK(name_of(parse({"agent"})) == "agent");
  CHECK(name_of(parse({"agent", "registry-guard"})) == "agent registry-guard");
  CHECK(parse({"logs", "agent"})->arguments.words == Words{"agent"});  // a command's name too
  const auto logs = parse({"logs", "gateway", "-f", "-n", "20"});
  REQUIRE(logs.ok());
  CHECK(logs->arguments.words == Words{"gateway"});
  CHECK(logs->arguments.has("--follow"));
  CHECK(logs->arguments.text("--lines") == "20");
}

TEST_CASE("a command may take a second word, and no third") {
  CHECK(parse({"dev", "logs", "node1"})->arguments.words == Words{"node1"});
  const auto logs = parse({"dev", "logs", "node1", "gateway", "-f"});
  REQUIRE(logs.ok());
  CHECK(logs->arguments.words == Words{"node1", "gateway"});
  CHECK_FALSE(parse({"dev", "logs", "node1", "gateway", "more"}).ok());
  CHECK_FALSE(parse({"dev", "kill", "node1", "node2"}).ok());
}

TEST_CASE("flags for every command may stand before it") {
  const auto status = parse({"--json", "status"});
  REQUIRE(status.ok());
  CHECK(status->json);
  CHECK(name_of(status) == "status");
}

TEST_CASE("help is asked for in each of the usual ways") {
  CHECK(parse({})->command == nullptr);
  CHECK(parse({"--help"})->help);
  CHECK(parse({"help"})->help);
  CHECK(name_of(parse({"help", "install"})) == "install");
  CHECK(parse({"help", "install"})->help);
  CHECK(parse({"install", "-h"})->help);
  CHECK(parse({"mesh", "--help"})->group == "mesh");
  CHECK(name_of(parse({"--version"})) == "version");
}

TEST_CASE("what is not known is a usage error that names the nearest") {
  struct Row {
    Words words;
    std::string message;
  };
  const std::vector<Row> rows = {
      {{"instal"}, "unknown command `instal`; did you mean `install`?"},
      {{"stauts"}, "unknown command `stauts`; did you mean `status`?"},
      {{"fly"}, "unknown command `fly`"},
      {{"mesh", "shwo"}, "unknown command `shwo`; did you mean `show`?"},
      {{"install", "--domian", "x"}, "unknown flag `--domian`; did you mean `--domain`?"},
      {{"install", "--nameservr"}, "unknown flag `--nameservr`; did you mean `--nameserver`?"},
      {{"status", "--jsn"}, "unknown flag `--jsn`; did you mean `--json`?"},
      {{"--verson"}, "unknown flag `--verson`"},
      {{"status", "now"}, "unexpected word `now`"},
      {{"logs", "gateway", "caddy"}, "unexpected word `caddy`"},
      {{"mesh"}, "`orama mesh` needs one more word"},
      {{"status", "install"}, "unexpected word `install`"},
  };
  for (const Row& row : rows) {
    const auto line = parse(row.words);
    CAPTURE(row.message);
    REQUIRE_FALSE(line.ok());
    CHECK(line.error().code == Errc::invalid_argument);
    CHECK(line.error().message == row.message);
    CHECK(line.error().hint.starts_with("see `orama"));
  }
}

TEST_CASE("a value that is missing or given twice is a usage error") {
  CHECK(parse({"install", "--domain"}).error().code == Errc::invalid_argument);
  CHECK(parse({"install", "--domain", "a.example.com", "--domain", "b.example.com"}).error().code ==
        Errc::invalid_argument);
}

TEST_CASE("a token in a wrong place is not repeated") {
  const auto line = parse({"install", "orama1_SECRET"});
  REQUIRE_FALSE(line.ok());
  CHECK(line.error().code == Errc::invalid_argument);
  CHECK(line.error().message.find("SECRET") == std::string::npos);
}

TEST_CASE("the form of a usage error is known before the line is understood") {
  CHECK(asks_for_json({"instal", "--json"}));
  CHECK_FALSE(asks_for_json({"install"}));
}

}  // namespace orama::cli
