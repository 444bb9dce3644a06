// What an earlier run set and a later plan of the same step no longer holds: put back where the
// step says so, killed anywhere or not; left alone everywhere else.
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/plan.h"
#include "installers/receipt.h"
#include "installers/step.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/sample_plan.h"

namespace orama::tests {
namespace {

using installers::Changes;
using installers::FileOwnership;
using installers::FileSpec;
using installers::Host;
using installers::Plan;
using installers::Receipt;
using installers::Step;
using installers::UnitSpec;

constexpr const char* kRole = "/etc/orama/role.conf";
constexpr const char* kOther = "/etc/orama/other.conf";

// A daemon with two files that may be dropped; only one of them is put back.
Plan plan_with(bool files) {
  Step step = {
      "app", "App", {}, [files](Host&) -> Result<Changes> {
        Changes changes;
        changes.push_back(installers::directory("/etc/orama", FileOwnership{0755}));
        if (files) {
          changes.push_back(installers::file(FileSpec{kRole, "role\n", {}, {"app.service"}}));
          changes.push_back(installers::file(FileSpec{kOther, "other\n", {}, {}}));
        }
        changes.push_back(installers::unit(UnitSpec{"app.service", UnitSpec::Enable::yes}));
        return changes;
      }};
  step.retires = [](std::string_view kind, std::string_view target) {
    return kind == "file" && target == kRole;
  };
  return Plan::make({step}, installers::shared_change_kinds()).value();
}

struct Installed {
  Installed() { REQUIRE(run.apply(host, plan_with(true)).ok()); }
  Receipt receipt() { return Receipt::load(host.files).value().value(); }
  int restarts() { return static_cast<int>(host.commands.unit("app.service").restarts); }

  SampleHost host;
  SampleRun run;
};

TEST_CASE("what a step retires is planned, put back once, and its daemon restarted") {
  Installed node;
  const int restarts = node.restarts();
  const auto pending = plan_with(false).pending(node.host.host);
  REQUIRE(pending.ok());
  REQUIRE_FALSE(pending->empty());
  CHECK(pending->front().target == kRole);
  CHECK(pending->front().description == "put back: file /etc/orama/role.conf, no longer wanted");

  const auto summary = node.run.apply(node.host, plan_with(false));
  REQUIRE(summary.ok());
  CHECK(summary->left.empty());
  CHECK_FALSE(node.host.files.exists(kRole));
  CHECK(node.receipt().find("file", kRole) == nullptr);
  CHECK(node.restarts() == restarts + 1);
  CHECK(node.host.files.content(kOther).ends_with("\nother\n"));
  CHECK(node.receipt().find("file", kOther) != nullptr);

  const std::size_t writes = node.host.files.writes();
  const auto again = node.run.apply(node.host, plan_with(false));
  REQUIRE(again.ok());
  CHECK(again->changed == 0);
  CHECK(node.host.files.writes() == writes);
  CHECK(plan_with(false).pending(node.host.host)->empty());
}

TEST_CASE("a retired file that somebody edited is theirs: left, named, off the receipt") {
  Installed node;
  node.host.files.put(kRole, "by hand\n");
  const auto summary = node.run.apply(node.host, plan_with(false));
  REQUIRE(summary.ok());
  REQUIRE(summary->left.size() == 1);
  CHECK(summary->left.front().target == kRole);
  CHECK(summary->left.front().reason == "changed since orama wrote it");
  CHECK(node.host.files.content(kRole) == "by hand\n");
  CHECK(node.receipt().find("file", kRole) == nullptr);
}

TEST_CASE("killed while it puts something back, a second run ends in the same state") {
  Installed undisturbed;
  REQUIRE(undisturbed.run.apply(undisturbed.host, plan_with(false)).ok());
  struct Killed {};
  std::vector<std::string> points;
  {
    Installed node;
    node.run.options.fault_hook = [&](const std::string& point) { points.push_back(point); };
    REQUIRE(node.run.apply(node.host, plan_with(false)).ok());
  }
  REQUIRE(points.size() >= 4);
  CHECK(points[0] == "app/retire/file:/etc/orama/role.conf/before");
  CHECK(points[1] == "app/retire/file:/etc/orama/role.conf/reverted");
  for (const std::string& point : points) {
    CAPTURE(point);
    Installed node;
    node.run.options.fault_hook = [&](const std::string& reached) {
      if (reached == point) {
        throw Killed{};
      }
    };
    CHECK_THROWS_AS(static_cast<void>(node.run.apply(node.host, plan_with(false))), Killed);
    node.run.options.fault_hook = {};
    REQUIRE(node.run.apply(node.host, plan_with(false)).ok());
    CHECK(node.host.state() == undisturbed.host.state());
    CHECK(node.receipt().find("file", kRole) == nullptr);
    CHECK(node.restarts() >= undisturbed.restarts());
  }
}

}  // namespace
}  // namespace orama::tests
