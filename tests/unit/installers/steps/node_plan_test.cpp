#include "installers/node_plan.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/result.h"
#include "installers/change.h"
#include "installers/node_spec.h"
#include "installers/plan.h"
#include "installers/step.h"
#include "tests/support/fake_host.h"
#include "tests/support/source_file.h"
#include "tests/unit/installers/steps/sample_spec.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes

namespace {

std::vector<Step> sample_steps() {
  return node_steps(sample_spec(), sample_sources()).value();
}

// True when `first` must be done before `second` begins, directly or through others.
bool ordered(const std::vector<Step>& steps, const std::string& first, const std::string& second) {
  for (const Step& step : steps) {
    if (step.name != second) {
      continue;
    }
    for (const std::string& name : step.after) {
      if (name == first || ordered(steps, first, name)) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

TEST_CASE("a genesis node's steps keep the order of join.md") {
  const std::vector<Step> steps = sample_steps();
  const std::vector<std::string> chain = {"users",    "secrets", "mesh",    "firewall",
                                          "registry", "gateway", "cluster", "target"};
  for (std::size_t i = 1; i < chain.size(); ++i) {
    CAPTURE(chain[i]);
    CHECK(ordered(steps, chain[i - 1], chain[i]));
  }
  CHECK(ordered(steps, "caddy", "target"));
  CHECK(ordered(steps, "firewall", "engines"));
  CHECK(ordered(steps, "engines", "cluster"));
  CHECK_FALSE(ordered(steps, "registry", "engines"));  // beside each other
  CHECK_FALSE(ordered(steps, "registry", "caddy"));
  CHECK_FALSE(ordered(steps, "caddy", "registry"));
  CHECK(Plan::make(sample_steps(), change_kinds()).ok());
}

TEST_CASE("without a firewall the rest keeps its order") {
  NodeSpec spec = sample_spec();
  spec.firewall = false;
  const std::vector<Step> steps = node_steps(spec, sample_sources()).value();
  CHECK(std::none_of(steps.begin(), steps.end(),
                     [](const Step& step) { return step.name == "firewall"; }));
  CHECK(ordered(steps, "mesh", "registry"));
  CHECK(Plan::make(node_steps(spec, sample_sources()).value(), change_kinds()).ok());
}

TEST_CASE("a joining node's steps keep the order of join.md, its first part the same list") {
  NodeSpec spec = sample_spec();
  spec.invite = "aW52aXRl";
  const std::vector<Step> steps = node_steps(spec, sample_sources()).value();
  const std::vector<std::string> chain = {"users",   "keys",    "redeem",  "mesh",     "firewall",
                                          "peers",   "path",    "secrets", "registry", "gateway",
                                          "engines", "confirm", "target"};
  for (std::size_t i = 1; i < chain.size(); ++i) {
    CAPTURE(chain[i]);
    CHECK(ordered(steps, chain[i - 1], chain[i]));
  }
  CHECK(ordered(steps, "path", "caddy"));
  CHECK_FALSE(ordered(steps, "secrets", "caddy"));
  CHECK(std::none_of(steps.begin(), steps.end(),
                     [](const Step& step) { return step.name == "cluster"; }));
  const std::vector<Step> first = redeem_steps(spec.invite, sample_sources());
  REQUIRE(first.size() == 3);
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK(first[i].name == steps[i].name);
  }
  CHECK(Plan::make(node_steps(spec, sample_sources()).value(), change_kinds()).ok());
}

TEST_CASE("a spec without ids is refused") {
  CHECK(node_steps(NodeSpec{}, sample_sources()).error().code == orama::Errc::invalid_argument);
}

TEST_CASE("every change of a node has a kind that uninstall knows, and a target of its own") {
  FakeHost fake;
  fake.files.put("/proc/meminfo", "MemTotal:        1000000 kB\n");
  for (const auto& entry : std::filesystem::recursive_directory_iterator("templates")) {
    if (entry.is_regular_file()) {
      fake.files.put("/usr/share/orama/" + entry.path().string(),
                     source_file(entry.path().string()));
    }
  }
  std::set<std::string> known;
  for (const ChangeKind& kind : change_kinds()) {
    CHECK(known.insert(std::string(kind.name)).second);
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (const Step& step : sample_steps()) {
    if (step.name == "firewall" || step.name == "caddy") {
      continue;  // need a host with UFW and Caddy: their own tests
    }
    const auto changes = step.changes(fake.host);
    REQUIRE_MESSAGE(changes.ok(), step.name);
    for (const auto& change : *changes) {
      CAPTURE(change->target());
      const bool wait = change->wanted().is_null();
      CHECK((wait || known.contains(std::string(change->kind()))));
      CHECK(seen.insert({std::string(change->kind()), change->target()}).second);
    }
  }
}
