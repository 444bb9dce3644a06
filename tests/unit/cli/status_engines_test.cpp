// The engines beside the registry in `orama status`: what is down, since when, what to do.
#include "cli/status_engines.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "cli/output.h"
#include "cli/status_facts.h"
#include "cli/status_report.h"
#include "common/api/desired.h"
#include "common/api/status.h"
#include "installers/host/systemd.h"
#include "tests/unit/cli/well_node.h"

namespace orama::cli {
namespace {

using Verdict = StatusReport::Verdict;

constexpr const char* kFailedLook = "2026-11-28T10:00:05.000Z";
constexpr const char* kStopped = "2026-11-28T10:00:01.000Z";

api::Check engine_check(std::string engine, const std::string& status = "up") {
  api::Check made = check(status);
  made.engine = std::move(engine);
  made.since = "2026-11-28T09:00:00.000Z";
  made.latency_ms = 0.64;
  return made;
}

StatusFacts with_engines() {
  StatusFacts facts = well();
  facts.gateway.checks["database"] = engine_check("rqlite");
  facts.gateway.checks["cache"] = engine_check("olric");
  facts.gateway.checks["storage"] = engine_check("kubo");
  facts.gateway.checks["pinning"] = engine_check("ipfs-cluster");
  return facts;
}

void take_down(StatusFacts& facts, const std::string& name, const std::string& reason,
               const std::string& trouble) {
  api::Check& check = facts.gateway.checks[name];
  check.status = "down";
  check.reason = reason;
  check.since = kFailedLook;
  check.trouble = trouble;
  check.latency_ms.reset();
  facts.gateway.admin->missing.push_back(name + ": " + check.engine + " is down since " +
                                         check.since + ": " + trouble);
}

StatusReport::Row row(const StatusReport& report, std::string_view area) {
  const auto found = std::find_if(report.rows.begin(), report.rows.end(),
                                  [area](const auto& each) { return each.area == area; });
  REQUIRE(found != report.rows.end());
  return *found;
}

TEST_CASE("engines that are up have a row each and are no problem") {
  const StatusReport report = judge_status(with_engines());
  CHECK(report.verdict == Verdict::healthy);
  CHECK(row(report, "cache").state == "up");
  CHECK(row(report, "cache").detail ==
        "olric, up since 2026-11-28T09:00:00.000Z, answered in 0.6 ms");
  for (const char* area : {"database", "storage", "pinning"}) {
    CHECK(row(report, area).state == "up");
  }
}

TEST_CASE("an engine without a section in the configuration has no row while its unit runs") {
  const StatusReport report = judge_status(well());
  CHECK(std::none_of(report.rows.begin(), report.rows.end(),
                     [](const auto& each) { return each.area == "cache"; }));
}

TEST_CASE("a process that is gone: since its unit's time, and what to type") {
  struct Case {
    const char* check;
    const char* unit;
  };
  for (const Case& c :
       {Case{"database", "orama-rqlite@default.service"}, Case{"cache", "orama-olric.service"},
        Case{"storage", "orama-ipfs.service"}, Case{"pinning", "orama-ipfs-cluster.service"}}) {
    CAPTURE(c.check);
    const std::string name = c.check;
    for (const auto& [state, next] :
         {std::pair("failed", "orama logs " + name), std::pair("activating", "orama logs " + name),
          std::pair("inactive", "sudo orama start " + name)}) {
      StatusFacts facts = with_engines();
      unit(facts, c.unit).active = state;
      unit(facts, c.unit).since = kStopped;
      take_down(facts, name, "refused", "Connection refused");
      const StatusReport report = judge_status(facts);
      CHECK(report.verdict == Verdict::degraded);
      REQUIRE(report.problems.size() == 1);  // one problem, however many saw it
      CHECK(report.problems[0] ==
            name + " is down since " + kStopped + ": " + c.unit + " is " + state);
      REQUIRE(report.next.size() == 1);
      CHECK(report.next[0] == next);
      CHECK(report.headline.starts_with("node1 is degraded: " + name + " is down since "));
      CHECK(row(report, name).state == "down");
      CHECK(row(report, name).detail.find(std::string("down since ") + kStopped) !=
            std::string::npos);
    }
    StatusFacts masked = with_engines();
    unit(masked, c.unit).load = "masked";
    unit(masked, c.unit).active = "inactive";
    CHECK(says(judge_status(masked).next, std::string("sudo systemctl unmask ") + c.unit));
    unit(masked, c.unit).load = "not-found";
    CHECK(says(judge_status(masked).next, "apt install --reinstall"));
  }
}

TEST_CASE("a process that runs and does not serve: since the first look that failed") {
  struct Case {
    const char* check;
    const char* reason;
    const char* trouble;
    const char* next;
  };
  for (const Case& c :
       {Case{"cache", "not_ready", "olric: ERR failed to find enough peers", "orama node list"},
        Case{"database", "not_ready", "rqlite answered 503 to /readyz", "orama node list"},
        Case{"pinning", "not_ready", "ipfs-cluster does not reach this node's storage",
             "orama logs storage"},
        Case{"storage", "timeout", "127.0.0.1:4501 gave no answer within 3000 ms",
             "sudo orama restart storage"},
        Case{"database", "error", "rqlite refuses the gateway's password", "orama logs database"},
        Case{"storage", "refused", "cannot connect to 127.0.0.1:4501", "orama logs storage"}}) {
    CAPTURE(c.check);
    CAPTURE(c.reason);
    StatusFacts facts = with_engines();
    take_down(facts, c.check, c.reason, c.trouble);
    const StatusReport report = judge_status(facts);
    CHECK(report.verdict == Verdict::degraded);
    REQUIRE(report.problems.size() == 1);
    CHECK(report.problems[0] ==
          std::string(c.check) + " is down since " + kFailedLook + ": " + c.trouble);
    CHECK(says(report.next, c.next));
    CHECK(row(report, c.check).style == Style::bad);
    CHECK(row(report, c.check).detail.find(c.trouble) != std::string::npos);
  }
}

TEST_CASE("a plain user, who reads health only, sees what is down by its unit and reason") {
  StatusFacts facts = with_engines();
  facts.root = facts.reads_admin = false;
  facts.gateway.answer = GatewayFacts::Answer::health;
  facts.gateway.admin.reset();
  api::Check& cache = facts.gateway.checks["cache"];
  cache = check("down", "refused");
  cache.engine = "olric";
  const StatusReport report = judge_status(facts);
  CHECK(says(report.problems, "cache is down: the gateway's look failed: refused"));
  CHECK(says(report.next, "orama logs cache"));
}

TEST_CASE("engines and something else missing are all said") {
  StatusFacts facts = with_engines();
  take_down(facts, "cache", "refused", "Connection refused");
  facts.gateway.admin->missing.emplace_back("registry: the registry at 10.0.0.1:5001 refuses");
  facts.gateway.checks["registry"] = check("down", "refused");
  const StatusReport report = judge_status(facts);
  CHECK(report.problems.size() == 2);
  CHECK(says(report.problems, "cache is down"));
  CHECK(says(report.problems, "registry: the registry at"));
}

TEST_CASE("the registry that is down is said with its time and its own log") {
  StatusFacts facts = with_engines();
  facts.gateway.checks["registry"] = check("down", "refused");
  facts.gateway.checks["registry"].since = kFailedLook;
  const StatusReport silent = judge_status(facts);
  CHECK(silent.problems == std::vector<std::string>{std::string("registry is down since ") +
                                                    kFailedLook + " (refused)"});
  facts.gateway.admin->missing.emplace_back("registry: cannot connect to 10.0.0.1:5001");
  const StatusReport told = judge_status(facts);
  CHECK(told.problems == std::vector<std::string>{
                             std::string("registry: cannot connect to 10.0.0.1:5001 (down since ") +
                             kFailedLook + ")"});
  CHECK(told.next == std::vector<std::string>{"orama logs registry"});
}

TEST_CASE("a stopped node names no engine by itself") {
  StatusFacts facts = with_engines();
  for (installers::UnitState& state : facts.units) {
    state.active = state.name == "caddy.service" ? "active" : "inactive";
  }
  facts.gateway = {};
  CHECK(judge_status(facts).next == std::vector<std::string>{"sudo orama start"});
}

TEST_CASE("another node's engine that is down is said with where to look") {
  StatusFacts facts = with_engines();
  api::Node self, other;
  self.id = "node_1";
  self.name = "node1";
  self.state = other.state = "ready";
  self.up = other.up = true;
  other.id = "node_2";
  other.name = "node2";
  other.actual.emplace();
  other.actual->units = {{"orama-olric.service", "failed", kStopped, false},
                         {"orama-ipfs.service", "active", kStopped, false},
                         {"caddy.service", "failed", kStopped, false}};
  facts.gateway.nodes = {self, other};
  CHECK(engines_down(other) == "cache failed");
  CHECK(engines_down(self).empty());
  const StatusReport report = judge_status(facts);
  CHECK(says(report.problems, "node node2: cache failed"));
  CHECK(says(report.next, "on node2: orama status"));
  CHECK(row(report, "node node2").detail.find("cache failed") != std::string::npos);
}

}  // namespace
}  // namespace orama::cli
