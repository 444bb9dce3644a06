// A run stopped dead at every fault point, and then run again: the same end as an undisturbed one.
// The stop is an exception out of the fault hook on a run with one worker, so nothing after the
// point happens.
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"
#include "installers/change.h"
#include "installers/plan.h"
#include "installers/receipt.h"
#include "tests/unit/installers/sample_plan.h"

namespace orama::tests {
namespace {

using installers::DataPolicy;
using installers::Receipt;

struct Killed {};

template <class Run>
bool killed_at(SampleRun& run, const std::string& point, Run&& action) {
  run.options.fault_hook = [point](const std::string& reached) {
    if (reached == point) {
      throw Killed{};
    }
  };
  bool killed = false;
  try {
    static_cast<void>(action());
  } catch (const Killed&) {
    killed = true;
  }
  run.options.fault_hook = {};
  return killed;
}

// kind, target, state, prior and wanted of each entry: all of a receipt but times and file names.
std::string entries_of(SampleHost& host) {
  const Receipt receipt = Receipt::load(host.files).value().value();
  std::string text;
  for (const auto& entry : receipt.entries) {
    text += entry.kind + " " + entry.target + " " + std::to_string(static_cast<int>(entry.state)) +
            " " + entry.prior.dump() + " " + entry.wanted.dump() + "\n";
  }
  return text;
}

TEST_CASE("the listed fault points are those that a run reaches") {
  SampleHost listing;
  const auto listed = sample_plan().fault_points(listing.host);
  REQUIRE(listed.ok());
  SampleHost host;
  SampleRun run;
  std::vector<std::string> reached;
  run.options.fault_hook = [&](const std::string& point) { reached.push_back(point); };
  REQUIRE(run.apply(host, sample_plan()).ok());
  // The wait among them, though it finds its condition met.
  CHECK(reached == *listed);
  CHECK(std::count_if(reached.begin(), reached.end(), [](const std::string& point) {
          return point.starts_with("app/wait:");
        }) == 2);
}

TEST_CASE("killed anywhere in an install, a second run converges to the undisturbed state") {
  SampleHost undisturbed;
  SampleRun undisturbed_run;
  REQUIRE(undisturbed_run.apply(undisturbed, sample_plan()).ok());
  const std::string state = undisturbed.state();
  const std::string entries = entries_of(undisturbed);

  int kills = 0;
  const std::vector<std::string> points = sample_plan().fault_points(undisturbed.host).value();
  for (const std::string& point : points) {
    CAPTURE(point);
    SampleHost host;
    SampleRun run;
    kills += killed_at(run, point, [&] { return run.apply(host, sample_plan()); }) ? 1 : 0;
    const auto resumed = run.apply(host, sample_plan());
    REQUIRE(resumed.ok());
    CHECK(host.state() == state);
    CHECK(entries_of(host) == entries);
    CHECK(host.app_runs_on == host.files.content(kAppConfig));
    CHECK(host.front_runs_on == host.files.content(kFrontDropIn));

    const std::size_t writes = host.files.writes();
    REQUIRE(run.apply(host, sample_plan()).ok());
    CHECK(host.files.writes() == writes);
  }
  CHECK(kills == 42);
}

TEST_CASE("killed anywhere in an update, the daemons end on the new files") {
  SampleHost listing;
  const std::vector<std::string> points = sample_plan("2").fault_points(listing.host).value();
  for (const std::string& point : points) {
    CAPTURE(point);
    SampleHost host;
    SampleRun run;
    REQUIRE(run.apply(host, sample_plan("1")).ok());
    static_cast<void>(killed_at(run, point, [&] { return run.apply(host, sample_plan("2")); }));
    REQUIRE(run.apply(host, sample_plan("2")).ok());
    CHECK(host.files.content(kAppJson) == "{\"version\":2}\n");
    CHECK(host.app_runs_on == host.files.content(kAppConfig));
    CHECK(host.app_runs_on.ends_with("version: 2\n"));
    CHECK(host.front_runs_on == host.files.content(kFrontDropIn));
    CHECK(host.front_runs_on.ends_with("# 2\n"));
  }
}

TEST_CASE(
    "killed in an update and then given a third version, no file of ours is taken for foreign") {
  for (const char* where : {"intended", "applied"}) {
    SampleHost host;
    SampleRun run;
    REQUIRE(run.apply(host, sample_plan("1")).ok());
    const std::string point = std::string("app/file:") + kAppJson + "/" + where;
    REQUIRE(killed_at(run, point, [&] { return run.apply(host, sample_plan("2")); }));
    REQUIRE(run.apply(host, sample_plan("3")).ok());
    CHECK(host.files.content(kAppJson) == "{\"version\":3}\n");
  }
}

TEST_CASE("an install killed anywhere can be taken back") {
  SampleHost before;
  const std::string bare = before.state();
  const std::vector<std::string> points = sample_plan().fault_points(before.host).value();
  for (const std::string& point : points) {
    CAPTURE(point);
    SampleHost host;
    SampleRun run;
    static_cast<void>(killed_at(run, point, [&] { return run.apply(host, sample_plan()); }));
    if (!host.files.exists(installers::kReceiptPath)) {
      CHECK(host.state() == bare);
      continue;
    }
    const auto reverted = run.revert(host, DataPolicy::purge);
    REQUIRE(reverted.ok());
    CHECK(reverted->left.empty());
    CHECK(host.state() == bare);
    CHECK(host.front_runs_on.empty());
  }
}

TEST_CASE("killed anywhere in an uninstall, a second one ends it") {
  SampleHost listing;
  SampleRun listing_run;
  const std::string bare = listing.state();
  REQUIRE(listing_run.apply(listing, sample_plan()).ok());
  std::vector<std::string> points;
  listing_run.options.fault_hook = [&](const std::string& point) { points.push_back(point); };
  REQUIRE(listing_run.revert(listing, DataPolicy::purge).ok());
  REQUIRE(points.size() == 30);

  for (const std::string& point : points) {
    CAPTURE(point);
    SampleHost host;
    SampleRun run;
    REQUIRE(run.apply(host, sample_plan()).ok());
    REQUIRE(killed_at(run, point, [&] { return run.revert(host, DataPolicy::purge); }));
    const auto reverted = run.revert(host, DataPolicy::purge);
    REQUIRE(reverted.ok());
    CHECK(reverted->left.empty());
    CHECK(host.state() == bare);
    CHECK(host.front_runs_on.empty());
  }
}

}  // namespace
}  // namespace orama::tests
