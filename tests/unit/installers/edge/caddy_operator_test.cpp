#include "installers/steps/caddy_operator.h"

#include <string>

#include <doctest/doctest.h>

#include "common/result.h"
#include "installers/steps/caddy_config.h"
#include "tests/support/fake_host.h"

namespace orama::tests {
namespace {

using installers::answers_all_on_port_80;
using installers::operator_caddyfile;
using installers::OperatorFile;

constexpr const char* kConffiles = " /etc/caddy/Caddyfile 8cbf072a3e390217a88c242a7f18ee76\n";

struct Bench {
  FakeHost host;
  Bench() {
    host.commands.on("dpkg-query -W", kConffiles);
    host.files.put("/etc/caddy/Caddyfile", ":80\n");
  }
  void sum(const std::string& md5) { host.commands.on("md5sum", md5 + "  /etc/caddy/Caddyfile\n"); }
};

TEST_CASE("the md5 that dpkg keeps of a package's file") {
  CHECK(installers::packaged_caddyfile_md5(kConffiles) == "8cbf072a3e390217a88c242a7f18ee76");
  CHECK(installers::packaged_caddyfile_md5(" /etc/x 1\n /etc/caddy/Caddyfile abc obsolete\n") ==
        "abc");
  CHECK(installers::packaged_caddyfile_md5("").empty());
  CHECK(installers::packaged_caddyfile_md5(" /etc/caddy/Caddyfile").empty());
}

TEST_CASE("Debian's page is replaced; an operator's file is imported") {
  Bench bench;
  bench.sum("8cbf072a3e390217a88c242a7f18ee76");
  CHECK(*operator_caddyfile(bench.host.host) == OperatorFile::none);
  bench.sum("00000000000000000000000000000000");
  CHECK(*operator_caddyfile(bench.host.host) == OperatorFile::imported);
  REQUIRE(bench.host.files.remove_file("/etc/caddy/Caddyfile").ok());
  CHECK(*operator_caddyfile(bench.host.host) == OperatorFile::none);
}

TEST_CASE("Caddy without a package is said") {
  Bench bench;
  bench.host.commands.on("dpkg-query -W", "", 1, "dpkg-query: no packages found matching caddy");
  const auto file = operator_caddyfile(bench.host.host);
  REQUIRE_FALSE(file.ok());
  CHECK(file.error().hint == "apt install caddy");
}

TEST_CASE("an operator's file that does not fit in is refused by name, with Caddy's reason") {
  Bench bench;
  bench.host.commands.on("caddy adapt", "", 1,
                         "{\"level\":\"warn\",\"msg\":\"No files matching import glob pattern\"}\n"
                         "Error: server block without any key is global configuration, and if "
                         "used, it must be first\n");
  const auto checked = installers::check_operator_caddyfile(bench.host.host, "x");
  REQUIRE_FALSE(checked.ok());
  CHECK(checked.error().code == Errc::conflict);
  CHECK(checked.error().message.find("/etc/caddy/Caddyfile") != std::string::npos);
  CHECK(checked.error().message.ends_with(
      "server block without any key is global configuration, and if used, it must be first"));
  CHECK(checked.error().hint.find("/etc/orama/caddy/sites") != std::string::npos);
}

TEST_CASE("a site of the operator's for every name on port 80 would be dropped without a word") {
  struct Row {
    const char* json;
    bool all;
  };
  const Row rows[] = {
      {R"({"apps":{"http":{"servers":{"s":{"listen":[":80"],"routes":[{"handle":[]}]}}}}})", true},
      {R"({"apps":{"http":{"servers":{"s":{"listen":[":80"],"routes":[{"match":[{"host":["a.b"]}]}]}}}}})",
       false},
      {R"({"apps":{"http":{"servers":{"s":{"listen":[":443"],"routes":[{"handle":[]}]}}}}})",
       false},
      {R"({"apps":{"http":{"servers":{"s":{"listen":[":80"]}}}}})", false},
      {R"({"apps":{}})", false},
      {"", false},
      {"[]", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    CHECK(answers_all_on_port_80(row.json) == row.all);
  }
  Bench bench;
  bench.host.commands.on("caddy adapt --adapter caddyfile --config /dev/stdin", "{}");
  bench.host.commands.on("caddy adapt --adapter caddyfile --config /etc/caddy/Caddyfile",
                         rows[0].json);
  const auto checked = installers::check_operator_caddyfile(bench.host.host, "x");
  REQUIRE_FALSE(checked.ok());
  CHECK(checked.error().message.find("port 80") != std::string::npos);
}

TEST_CASE("Caddy's reason is its last Error, else its last line") {
  CHECK(installers::caddy_reason("a\nError: first: second\n") == "first: second");
  CHECK(installers::caddy_reason("one\ntwo\n\n") == "two");
  CHECK(installers::caddy_reason("").empty());
}

}  // namespace
}  // namespace orama::tests
