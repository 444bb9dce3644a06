#include "installers/changes.h"

#include <memory>
#include <set>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/result.h"
#include "installers/change.h"
#include "installers/change_reverts.h"
#include "installers/generated_file.h"
#include "installers/host/files.h"
#include "tests/support/fake_host.h"

namespace orama::tests {
namespace {

using installers::Change;
using installers::ChangeContext;
using installers::FileKind;
using installers::FileOwnership;
using installers::FileSpec;
using installers::RevertContext;
using installers::Reverted;
using installers::UnitSpec;

struct Bench {
  FakeHost host;
  std::set<std::string> stale;
  ChangeContext context{host.host, stale};
  RevertContext revert{host.host};
};

std::unique_ptr<Change> config(const std::string& content) {
  return installers::file(FileSpec{"/etc/app.conf", content, {}, {"app.service"}});
}

Error refusal(Bench& bench, Change& change) {
  auto converged = change.converged(bench.context);
  REQUIRE_FALSE(converged.ok());
  return converged.error();
}

TEST_CASE("a generated file says so in its first line and carries the hash of the rest") {
  Bench bench;
  REQUIRE(config("a=1\n")->apply(bench.context).ok());
  const std::string text = bench.host.files.content("/etc/app.conf");
  CHECK(text ==
        "# Written by `orama install`; hand edits are reported, not overwritten. sha256:"
        "fe3209d6d4f51935b391288a43df48d9ddece1a992597ae53387ca16611a9179\n"
        "a=1\n");
  CHECK(installers::authorship(text) == installers::Authorship::ours);
  CHECK(installers::without_generated_line(text) == "a=1\n");
}

TEST_CASE("whose a file is") {
  const std::string ours = installers::with_generated_line("/etc/x.conf", "a\n");
  struct Row {
    std::string content;
    installers::Authorship expected;
  };
  for (const Row& row :
       {Row{"", installers::Authorship::foreign}, Row{"a\n", installers::Authorship::foreign},
        Row{"# Written by somebody\na\n", installers::Authorship::foreign},
        Row{ours, installers::Authorship::ours},
        Row{ours + "b\n", installers::Authorship::hand_edited},
        Row{ours.substr(0, ours.size() - 1), installers::Authorship::hand_edited},
        Row{ours.substr(0, 100), installers::Authorship::hand_edited},
        Row{" " + ours, installers::Authorship::foreign}}) {
    CAPTURE(row.content);
    CHECK(installers::authorship(row.content) == row.expected);
  }
  CHECK(installers::with_generated_line("/etc/x.json", "{}\n") == "{}\n");
}

TEST_CASE("a foreign file is never overwritten") {
  Bench bench;
  bench.host.files.put("/etc/app.conf", "theirs\n");
  const Error error = refusal(bench, *config("a=1\n"));
  CHECK(error.code == Errc::conflict);
  CHECK(error.message.find("/etc/app.conf exists and orama did not write it") == 0);
  CHECK_FALSE(error.hint.empty());
}

TEST_CASE("a hand edit of a file of ours is a conflict that says so") {
  Bench bench;
  REQUIRE(config("a=1\n")->apply(bench.context).ok());
  bench.host.files.put("/etc/app.conf", bench.host.files.content("/etc/app.conf") + "b=2\n");
  CHECK(refusal(bench, *config("a=3\n")).message ==
        "/etc/app.conf was edited since orama wrote it");
  CHECK(refusal(bench, *config("a=1\n")).code == Errc::conflict);
}

TEST_CASE("a JSON file is known by the receipt's hash") {
  Bench bench;
  const auto json = [](const std::string& content) {
    return installers::file(FileSpec{"/var/lib/node.json", content, {}, {}});
  };
  const auto first = json("{\"a\":1}\n");
  REQUIRE(first->apply(bench.context).ok());
  CHECK(bench.host.files.content("/var/lib/node.json") == "{\"a\":1}\n");
  CHECK(refusal(bench, *json("{\"a\":2}\n")).message.find("orama did not write it") !=
        std::string::npos);

  bench.context.recorded = {nlohmann::json{{"sha256", "of another time"}}, first->wanted()};
  CHECK(json("{\"a\":2}\n")->converged(bench.context).value() == false);
  bench.host.files.put("/var/lib/node.json", "{}\n");
  CHECK(refusal(bench, *json("{\"a\":2}\n")).message.find("was replaced since") !=
        std::string::npos);
}

TEST_CASE("something else than a file in a file's place is a conflict") {
  for (const FileKind kind : {FileKind::symlink, FileKind::directory, FileKind::other}) {
    Bench bench;
    bench.host.files.put_other("/etc/app.conf", kind);
    CHECK(refusal(bench, *config("a=1\n")).message.find("is not a plain file") !=
          std::string::npos);
  }
}

TEST_CASE("mode and owner are part of a file") {
  Bench bench;
  const auto change = config("a=1\n");
  REQUIRE(change->apply(bench.context).ok());
  CHECK(change->converged(bench.context).value());
  bench.host.files.put("/etc/app.conf", bench.host.files.content("/etc/app.conf"), {0666});
  CHECK_FALSE(change->converged(bench.context).value());
  REQUIRE(change->apply(bench.context).ok());
  CHECK(bench.host.files.status("/etc/app.conf")->value().mode == 0644);
}

TEST_CASE("the content of a private file is not described") {
  Bench bench;
  const auto change =
      installers::file(FileSpec{"/etc/app.conf", "password: hunter2\n", {0600}, {}});
  CHECK(change->describe(bench.context).value() ==
        "write /etc/app.conf (0600 root:root), content not shown");
}

TEST_CASE("a file with a prior content gets it back, byte for byte") {
  Bench bench;
  const std::string before = std::string("\0\xff raw\n", 7);
  bench.host.files.put("/etc/app.conf", before, {0640, "app", "app"});
  const auto change = config("a=1\n");
  const auto prior = change->prior(bench.context);
  REQUIRE(prior.ok());
  REQUIRE(change->apply(bench.context).ok());
  const auto reverted =
      installers::revert_file(bench.revert, "/etc/app.conf", *prior, change->wanted());
  REQUIRE(reverted.ok());
  CHECK(reverted->outcome == Reverted::Outcome::restored);
  CHECK(bench.host.files.content("/etc/app.conf") == before);
  CHECK(bench.host.files.status("/etc/app.conf")->value().owner == "app");
  CHECK(bench.revert.stale_units.contains("app.service"));
}

TEST_CASE("a prior file past 1 MiB is refused, one of 1 MiB kept") {
  Bench bench;
  bench.host.files.put("/etc/app.conf", std::string(1024UL * 1024, 'x'));
  CHECK(config("a")->prior(bench.context).ok());
  bench.host.files.put("/etc/app.conf", std::string(1024UL * 1024 + 1, 'x'));
  CHECK(config("a")->prior(bench.context).error().code == Errc::too_large);
}

TEST_CASE("a secret is made once, and reaches neither description nor receipt") {
  Bench bench;
  int made = 0;
  const auto change = installers::secret_file("/etc/app.key", [&](auto&) -> Result<std::string> {
    ++made;
    return std::string("s3cr3t\n");
  });
  CHECK(change->describe(bench.context)->find("s3cr3t") == std::string::npos);
  REQUIRE(change->apply(bench.context).ok());
  CHECK(bench.host.files.status("/etc/app.key")->value().mode == 0600);
  CHECK(change->converged(bench.context).value());
  CHECK(change->wanted().dump().find("s3cr3t") == std::string::npos);
  CHECK(change->prior(bench.context)->dump().find("s3cr3t") == std::string::npos);

  bench.host.files.put("/etc/app.key", "s3cr3t\n", {0644});
  CHECK_FALSE(change->converged(bench.context).value());
  REQUIRE(change->apply(bench.context).ok());
  CHECK(made == 1);
  CHECK(bench.host.files.content("/etc/app.key") == "s3cr3t\n");
  CHECK(bench.host.files.status("/etc/app.key")->value().mode == 0600);
}

TEST_CASE("an operator's own secret gets its old mode back and is never removed") {
  Bench bench;
  bench.revert.data = installers::DataPolicy::purge;
  bench.host.files.put("/etc/app.key", "theirs\n", {0640, "app", "app"});
  const auto change = installers::secret_file(
      "/etc/app.key", [](auto&) -> Result<std::string> { return std::string("x"); });
  const auto prior = change->prior(bench.context);
  REQUIRE(change->apply(bench.context).ok());
  REQUIRE(
      installers::revert_secret_file(bench.revert, "/etc/app.key", *prior, change->wanted()).ok());
  CHECK(bench.host.files.content("/etc/app.key") == "theirs\n");
  CHECK(bench.host.files.status("/etc/app.key")->value().mode == 0640);
}

TEST_CASE("a folder that was there gets its mode back, unless it was changed since") {
  Bench bench;
  bench.host.files.put_directory("/etc/app", {0700, "app", "app"});
  const auto change = installers::directory("/etc/app", FileOwnership{0755});
  const auto prior = change->prior(bench.context);
  REQUIRE(change->apply(bench.context).ok());
  CHECK(change->converged(bench.context).value());
  bench.host.files.put_directory("/etc/app", {0711});
  auto left = installers::revert_directory(bench.revert, "/etc/app", *prior, change->wanted());
  CHECK(left->outcome == Reverted::Outcome::left);
  bench.host.files.put_directory("/etc/app", {0755});
  REQUIRE(installers::revert_directory(bench.revert, "/etc/app", *prior, change->wanted()).ok());
  CHECK(bench.host.files.status("/etc/app")->value().mode == 0700);
}

TEST_CASE("a unit is restarted only for what it reads") {
  struct Row {
    std::set<std::string> stale;
    UnitSpec::Refresh refresh;
    int restarts, reloads;
  };
  for (const Row& row :
       {Row{{}, UnitSpec::Refresh::restart, 0, 0},
        Row{{"other.service"}, UnitSpec::Refresh::restart, 0, 0},
        Row{{"app.service"}, UnitSpec::Refresh::restart, 1, 0},
        Row{{"app.service"}, UnitSpec::Refresh::reload, 0, 1},
        Row{{"app.service:reload"}, UnitSpec::Refresh::restart, 0, 1},
        Row{{"app.service", "app.service:reload"}, UnitSpec::Refresh::restart, 1, 0}}) {
    Bench bench;
    FakeUnit running;
    running.active = "active";
    bench.host.commands.add_unit("app.service", running);
    bench.stale = row.stale;
    const auto change =
        installers::unit(UnitSpec{"app.service", UnitSpec::Enable::no, row.refresh});
    const bool needed = row.restarts + row.reloads > 0;
    CHECK(change->converged(bench.context).value() == !needed);
    REQUIRE(change->apply(bench.context).ok());
    CHECK(bench.host.commands.unit("app.service").restarts == row.restarts);
    CHECK(bench.host.commands.unit("app.service").reloads == row.reloads);
    CHECK(change->converged(bench.context).value());
  }
}

TEST_CASE("a unit that starts and does not stay is an error") {
  Bench bench;
  FakeUnit fleeting;
  bench.host.commands.add_unit("app.service", fleeting);
  bench.host.commands.unit("app.service").on_run = [&] {
    bench.host.commands.unit("app.service").active = "inactive";
    bench.host.commands.unit("app.service").result = "condition";
  };
  const auto applied = installers::unit(UnitSpec{"app.service"})->apply(bench.context);
  REQUIRE_FALSE(applied.ok());
  CHECK(applied.error().message ==
        "app.service was started and is inactive (condition), expected active");
}

}  // namespace
}  // namespace orama::tests
