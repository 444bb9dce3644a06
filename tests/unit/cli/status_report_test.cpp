#include "cli/status_report.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/status_facts.h"
#include "common/api/status.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/host/systemd.h"
#include "installers/receipt.h"
#include "installers/steps/caddy_certificates.h"
#include "tests/unit/cli/well_node.h"

namespace orama::cli {
namespace {

using Verdict = StatusReport::Verdict;
using installers::CertificateState;
using installers::Receipt;

}  // namespace

TEST_CASE("a node that is well is healthy and asks for nothing") {
  const StatusReport report = judge_status(well());
  CHECK(report.verdict == Verdict::healthy);
  CHECK(report.headline == "node1 is healthy; it is the cluster's only node");
  CHECK(report.problems.empty());
  CHECK(report.next.empty());
  CHECK(report.hidden.empty());
  CHECK(status_exit(report.verdict) == ExitCode::ok);
}

TEST_CASE("one thing that is wrong is a degraded node, with what to do") {
  struct Row {
    const char* name;
    void (*damage)(StatusFacts&);
    const char* problem;
    const char* next;
  };
  const Row rows[] = {
      {"unit failed", [](StatusFacts& f) { unit(f, "caddy.service").active = "failed"; },
       "caddy.service is failed", "orama logs caddy"},
      {"unit stopped", [](StatusFacts& f) { unit(f, "orama-rqlite.service").active = "inactive"; },
       "orama-rqlite.service is inactive", "sudo orama start registry"},
      {"unit masked",
       [](StatusFacts& f) {
         unit(f, "orama-rqlite.service").load = "masked";
         unit(f, "orama-rqlite.service").active = "inactive";
       },
       "orama-rqlite.service is masked", "systemctl unmask orama-rqlite.service"},
      {"socket stopped",
       [](StatusFacts& f) { unit(f, "orama-gateway.socket").active = "inactive"; },
       "orama-gateway.socket is inactive", "sudo orama start gateway"},
      {"registry down",
       [](StatusFacts& f) { f.gateway.checks["registry"] = check("down", "refused"); },
       "registry is down (refused)", "orama logs registry"},
      {"gateway says what is missing",
       [](StatusFacts& f) { f.gateway.admin->missing = {"the registry at 10.0.0.1:5001 refuses"}; },
       "the registry at 10.0.0.1:5001 refuses", "orama logs gateway"},
      {"no cluster", [](StatusFacts& f) { f.gateway.admin->cluster.reset(); },
       "the registry holds no cluster", "sudo orama install"},
      {"admin socket silent",
       [](StatusFacts& f) {
         f.gateway.answer = GatewayFacts::Answer::health;
         f.gateway.admin.reset();
         f.gateway.problem = "connection refused";
       },
       "the admin socket does not answer", "orama logs gateway"},
      {"mesh gone", [](StatusFacts& f) { f.mesh->interface = {}; }, "orama0 is not up",
       "sudo orama mesh up"},
      {"firewall off", [](StatusFacts& f) { f.firewall->active = false; }, "firewall (UFW) is off",
       "sudo orama install"},
      {"firewall unproven", [](StatusFacts& f) { f.firewall->pending = true; }, "not proven",
       "sudo orama install"},
      {"no certificate",
       [](StatusFacts& f) { f.certificate->serving = CertificateState::Serving::none; },
       "no certificate", "orama logs caddy"},
      {"disk full", [](StatusFacts& f) { f.disk->free_bytes = 1024; }, "nearly full",
       "free some space"},
      {"install failed",
       [](StatusFacts& f) {
         f.receipt->outcome = Receipt::Outcome::failed;
         f.receipt->failure = "port 443 is taken";
       },
       "port 443 is taken", "/var/log/orama/install-1.log"},
      {"install killed", [](StatusFacts& f) { f.receipt->outcome = Receipt::Outcome::running; },
       "was killed", "sudo orama install"},
      {"registry wiped",
       [](StatusFacts& f) {
         f.registry_wiped =
             make_error(Errc::conflict, "/var/lib/orama/rqlite is empty", "restore it");
       },
       "/var/lib/orama/rqlite is empty", "restore it"},
      {"node.json broken",
       [](StatusFacts& f) {
         f.node.reset();
         f.node_problem = "node.json: name: is required";
       },
       "name: is required", "sudo orama install"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    StatusFacts facts = well();
    row.damage(facts);
    const StatusReport report = judge_status(facts);
    CHECK(report.verdict == Verdict::degraded);
    CHECK(status_exit(report.verdict) == ExitCode::pending);
    CHECK(says(report.problems, row.problem));
    CHECK(says(report.next, row.next));
    CHECK(report.headline.find("is degraded: ") != std::string::npos);
  }
}

TEST_CASE("the most important problem stands in the headline") {
  StatusFacts facts = well();
  facts.registry_wiped = make_error(Errc::conflict, "the registry's data is gone", "restore it");
  unit(facts, "orama-rqlite.service").active = "activating";
  facts.gateway.checks["registry"] = check("down", "refused");
  CHECK(judge_status(facts).headline ==
        "node1 is degraded: the registry's data is gone; it is the cluster's only node");
}

TEST_CASE("a gateway that does not answer is unreachable, and the rest is still shown") {
  StatusFacts facts = well();
  facts.gateway = {};
  facts.gateway.problem = "orama-gateway.service does not run";
  unit(facts, "orama-gateway.service").active = "failed";
  const StatusReport report = judge_status(facts);
  CHECK(report.verdict == Verdict::unreachable);
  CHECK(status_exit(report.verdict) == ExitCode::unreachable);
  CHECK(report.headline == "node1 does not answer: orama-gateway.service does not run");
  const auto row = std::find_if(report.rows.begin(), report.rows.end(),
                                [](const auto& each) { return each.area == "mesh"; });
  REQUIRE(row != report.rows.end());
  CHECK(row->state == "up");
  CHECK(row->detail.starts_with("10.0.0.1/24, kernel device, "));
}

TEST_CASE("a node that was stopped has one thing to do") {
  StatusFacts facts = well();
  for (installers::UnitState& state : facts.units) {
    state.active = state.name == "caddy.service" ? "active" : "inactive";
  }
  facts.gateway = {};
  facts.gateway.problem = "orama-gateway.service does not run";
  facts.mesh->interface = {};
  const StatusReport report = judge_status(facts);
  CHECK(report.verdict == Verdict::unreachable);
  CHECK(report.headline == "node1 does not answer: its services are stopped");
  CHECK(report.next == std::vector<std::string>{"sudo orama start"});
}

TEST_CASE("a host without node.json is no node") {
  StatusFacts facts;
  facts.root = true;
  const StatusReport report = judge_status(facts);
  CHECK(report.verdict == Verdict::not_installed);
  CHECK(status_exit(report.verdict) == ExitCode::pending);
  CHECK(says(report.next, "sudo orama install --vps-ip"));
}

TEST_CASE("a node that was uninstalled with its data kept is none, and says both ways on") {
  StatusFacts facts = well();
  facts.receipt->outcome = Receipt::Outcome::none;
  const StatusReport report = judge_status(facts);
  CHECK(report.verdict == Verdict::not_installed);
  CHECK(says(report.problems, "uninstalled"));
  CHECK(says(report.next, "--purge"));
  CHECK(report.rows.empty());
}

TEST_CASE("an install that failed before node.json was written is named, with its log") {
  StatusFacts facts;
  facts.root = true;
  facts.receipt.emplace();
  facts.receipt->outcome = Receipt::Outcome::failed;
  facts.receipt->failure = "no space left on device";
  facts.receipt->log_file = "/var/log/orama/install-1.log";
  const StatusReport report = judge_status(facts);
  CHECK(says(report.problems, "no space left on device"));
  CHECK(says(report.next, "/var/log/orama/install-1.log"));
}

TEST_CASE("a plain user sees units and health and is told what is not shown") {
  StatusFacts facts = well();
  facts.root = facts.reads_admin = false;
  facts.gateway.answer = GatewayFacts::Answer::health;
  facts.gateway.admin.reset();
  facts.receipt.reset();
  facts.firewall.reset();
  facts.certificate.reset();
  const StatusReport report = judge_status(facts);
  CHECK(report.verdict == Verdict::healthy);
  CHECK(says(report.hidden, "group orama"));
  CHECK(says(report.hidden, "root"));
  std::ostringstream out, err;
  const std::string text = status_text(Output(out, err, {}), report);
  CHECK(text.starts_with("node1 is healthy\n"));
  CHECK(text.find("orama-gateway.service") != std::string::npos);
  CHECK(text.find("firewall  ") == std::string::npos);
}

TEST_CASE("older programs that still run are advice, not a fault") {
  StatusFacts facts = well();
  facts.gateway.restart_pending = {"orama-rqlite.service"};
  facts.gateway.admin->version = "0.0.9";
  const StatusReport report = judge_status(facts);
  CHECK(report.verdict == Verdict::healthy);
  CHECK(says(report.next, "sudo orama restart registry"));
  CHECK(says(report.next, "sudo orama restart gateway"));
}

TEST_CASE("a firewall that was left alone may be off") {
  StatusFacts facts = well();
  facts.firewall_wanted = false;
  facts.firewall->active = false;
  CHECK(judge_status(facts).verdict == Verdict::healthy);
}

TEST_CASE("machines read the verdict, the rows and what the gateway said") {
  const StatusFacts facts = well();
  const nlohmann::json body = status_json(facts, judge_status(facts));
  CHECK(body["verdict"] == "healthy");
  CHECK(body["node"]["name"] == "node1");
  CHECK(body["admin"]["registry"]["quorum"] == true);
  CHECK(body["rows"].dump().find("orama-gateway.service") != std::string::npos);
}

TEST_CASE("the certificate row says who serves, until when and when ACME is tried again") {
  StatusFacts facts = well();
  facts.certificate->issuer = "CN=Caddy Local Authority";
  facts.certificate->not_after = WallTime(std::chrono::seconds(1800));
  facts.certificate->next_try = WallTime(std::chrono::seconds(1200));
  const StatusReport report = judge_status(facts);
  const auto row = std::find_if(report.rows.begin(), report.rows.end(),
                                [](const auto& each) { return each.area == "tls"; });
  REQUIRE(row != report.rows.end());
  CHECK(row->state == "internal CA");
  CHECK(row->detail ==
        "until 1970-01-01T00:30:00.000Z, renewed at 1970-01-01T00:20:00.000Z, by CN=Caddy Local "
        "Authority");
  facts.acme_wanted = true;
  const StatusReport waiting = judge_status(facts);
  CHECK(std::any_of(waiting.rows.begin(), waiting.rows.end(), [](const auto& each) {
    return each.detail.find("ACME is tried again at 1970-01-01T00:20:00.000Z") != std::string::npos;
  }));
}

}  // namespace orama::cli
