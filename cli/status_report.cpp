#include "cli/status_report.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cli/exit_code.h"
#include "cli/services.h"
#include "cli/status_engines.h"
#include "cli/status_facts.h"
#include "cli/status_nodes.h"
#include "cli/status_rows.h"
#include "common/api/status.h"
#include "common/result.h"
#include "installers/host/systemd.h"
#include "installers/paths.h"
#include "installers/receipt.h"
#include "installers/steps/caddy_certificates.h"

namespace orama::cli {
namespace {

using Verdict = StatusReport::Verdict;
using installers::Receipt;
namespace paths = installers::paths;

constexpr std::uint64_t kLeastDisk = 100ULL * 1024 * 1024;  // below it databases begin to fail

void problem(StatusReport& report, std::string what, std::string next) {
  report.problems.push_back(std::move(what));
  if (std::find(report.next.begin(), report.next.end(), next) == report.next.end()) {
    report.next.push_back(std::move(next));
  }
}

std::string short_name(const std::string& unit) {
  for (const Service& service : services()) {
    if (unit == service.unit || unit == service.socket) {
      return std::string(service.name);
    }
  }
  return unit;
}

void judge_install(const StatusFacts& facts, StatusReport& report) {
  if (!facts.receipt_problem.empty()) {
    problem(report, "the install record cannot be read: " + facts.receipt_problem,
            "sudo orama install");
  }
  if (!facts.receipt) {
    return;
  }
  switch (facts.receipt->outcome) {
    case Receipt::Outcome::done:
      return;
    case Receipt::Outcome::none:
      problem(report, "orama was uninstalled here; keys and data were kept",
              "sudo orama install, or sudo orama uninstall --purge --yes");
      return;
    case Receipt::Outcome::running:
      problem(report, "an install runs now, or was killed",
              "sudo orama install (goes on where it stopped)");
      return;
    case Receipt::Outcome::failed:
      problem(
          report, "the last run failed: " + facts.receipt->failure,
          "sudo orama install (goes on where it stopped; log: " + facts.receipt->log_file + ")");
      return;
  }
}

void judge_registry(const StatusFacts& facts, StatusReport& report) {
  if (facts.registry_wiped) {
    problem(report, facts.registry_wiped->full_message(), facts.registry_wiped->hint);
  }
}

// After `orama stop`: one thing to do, not one a unit.
bool all_stopped(const StatusFacts& facts) {
  return !facts.units.empty() &&
         std::all_of(facts.units.begin(), facts.units.end(), [](const installers::UnitState& unit) {
           return unit.name == paths::kCaddyUnit ||
                  (unit.load == "loaded" && unit.active == "inactive");
         });
}

void judge_units(const StatusFacts& facts, StatusReport& report) {
  if (all_stopped(facts)) {
    report.verdict = Verdict::unreachable;
    problem(report, "its services are stopped", "sudo orama start");
    return;
  }
  if (!facts.units_problem.empty()) {
    problem(report, "systemd does not say how the units are: " + facts.units_problem,
            "systemctl status 'orama*'");
  }
  for (const installers::UnitState& unit : facts.units) {
    if (unit.is_active() || is_engine_unit(unit.name)) {
      continue;
    }
    const std::string name = short_name(unit.name);
    const std::string state =
        unit.load == "masked" || unit.load == "not-found" ? unit.load : unit.active;
    if (unit.name == paths::kGatewaySocketUnit) {
      problem(report, unit.name + " is " + state, "sudo orama start gateway");
    } else if (state == "inactive") {
      problem(report, unit.name + " is inactive", "sudo orama start " + name);
    } else if (state == "masked") {
      problem(report, unit.name + " is masked",
              "sudo systemctl unmask " + unit.name + ", then sudo orama start " + name);
    } else if (state == "not-found") {
      problem(report, unit.name + " is not installed",
              "sudo apt install --reinstall ./orama_*.deb");
    } else {
      problem(report, unit.name + " is " + state, "orama logs " + name);
    }
  }
}

void judge_engines(const StatusFacts& facts, StatusReport& report) {
  if (all_stopped(facts)) {
    return;  // said
  }
  for (EngineProblem& found : engine_problems(facts)) {
    problem(report, std::move(found.what), std::move(found.next));
  }
}

std::string registry_since(const GatewayFacts& gateway) {
  const auto check = gateway.checks.find("registry");
  const bool known = check != gateway.checks.end() && check->second.status == "down" &&
                     !check->second.since.empty();
  return known ? " (down since " + check->second.since + ")" : "";
}

// "cache: olric is down …": the engines are judged by themselves, with what to do.
bool is_of_engine(const std::string& sentence) {
  return is_engine_check(sentence.substr(0, sentence.find(':')));
}

void judge_checks(const StatusFacts& facts, StatusReport& report) {
  const GatewayFacts& gateway = facts.gateway;
  const auto lost = quorum_lost(facts);
  if (lost) {
    report.problems.push_back(lost->what);
    report.next.insert(report.next.end(), lost->next.begin(), lost->next.end());
  }
  bool registry_said = lost.has_value();
  for (const std::string& sentence :
       gateway.admin ? gateway.admin->missing : std::vector<std::string>()) {
    const bool of_registry = sentence.starts_with("registry:");
    if (of_registry && !lost) {
      problem(report, sentence + registry_since(gateway), "orama logs registry");
    } else if (!of_registry && !is_of_engine(sentence)) {
      problem(report, sentence, "orama logs gateway");
    }
    registry_said = registry_said || of_registry;
  }
  for (const auto& [name, check] : gateway.checks) {
    const bool said = is_engine_check(name) || (registry_said && name == "registry");
    if (check.counted && check.status == "down" && !said) {
      problem(report,
              name + " is down" + (check.since.empty() ? "" : " since " + check.since) +
                  (check.reason ? " (" + *check.reason + ")" : ""),
              "orama logs " + std::string(name == "registry" ? "registry" : "gateway"));
    }
  }
}

void judge_gateway(const StatusFacts& facts, StatusReport& report) {
  const GatewayFacts& gateway = facts.gateway;
  if (report.verdict == Verdict::unreachable) {
    return;  // stopped: said
  }
  if (gateway.answer == GatewayFacts::Answer::none) {
    report.verdict = Verdict::unreachable;
    problem(report, "the gateway does not answer: " + gateway.problem, "orama logs gateway");
    return;
  }
  judge_checks(facts, report);
  if (gateway.answer == GatewayFacts::Answer::health && facts.reads_admin) {
    problem(report, "the admin socket does not answer: " + gateway.problem, "orama logs gateway");
  }
  for (const api::Node& node : gateway.nodes) {
    const bool self = gateway.admin && node.id == gateway.admin->node.id;
    if (!self && !node.up && (node.state == "ready" || node.state == "leaving")) {
      problem(report, "node " + node.name + " does not answer this one",
              "on " + node.name + ": orama status (bring the host back, or `orama logs`)");
    } else if (const std::string down = engines_down(node); !self && node.up && !down.empty()) {
      problem(report, "node " + node.name + ": " + down, "on " + node.name + ": orama status");
    }
  }
  if (gateway.admin && !gateway.admin->cluster && gateway.admin->missing.empty()) {
    problem(report, "the registry holds no cluster", "sudo orama install");
  }
  if (gateway.admin && gateway.admin->version != facts.version) {
    report.next.push_back("sudo orama restart gateway (it runs " + gateway.admin->version +
                          ", installed is " + facts.version + ")");
  }
  for (const std::string& unit : gateway.restart_pending) {
    report.next.push_back("sudo orama restart " + short_name(unit) +
                          " (an older binary still runs)");
  }
}

void judge_host(const StatusFacts& facts, StatusReport& report) {
  if (!all_stopped(facts) && facts.mesh &&
      !(facts.mesh->interface.present && facts.mesh->interface.up)) {
    problem(report, std::string("the mesh interface ") + paths::kMeshInterface + " is not up",
            "sudo orama mesh up");
  }
  if (facts.firewall && facts.firewall->pending) {
    problem(report, "a firewall change is not proven and will be taken back", "sudo orama install");
  } else if (facts.firewall && facts.firewall_wanted && !facts.firewall->active) {
    problem(report, "the firewall (UFW) is off", "sudo orama install (or sudo ufw enable)");
  }
  if (facts.certificate &&
      facts.certificate->serving == installers::CertificateState::Serving::none) {
    problem(report, "Caddy has no certificate for the node's domain", "orama logs caddy");
  }
  if (facts.disk && facts.disk->free_bytes < kLeastDisk) {
    problem(report, std::string("the disk under ") + paths::kState + " is nearly full",
            "free some space");
  }
}

void list_hidden(const StatusFacts& facts, StatusReport& report) {
  if (!facts.reads_admin) {
    report.hidden.emplace_back("cluster, registry and nodes (group orama)");
  }
  if (!facts.root) {
    report.hidden.emplace_back("mesh peers, firewall, TLS and the install record (root)");
  }
}

StatusReport not_installed(const StatusFacts& facts) {
  StatusReport report;
  report.verdict = Verdict::not_installed;
  report.headline = "this host is not an orama node";
  judge_install(facts, report);
  if (report.next.empty()) {
    report.next.emplace_back("sudo orama install --vps-ip auto --domain node1.example.com");
  }
  return report;
}

std::string headline(const StatusFacts& facts, const StatusReport& report) {
  const std::string name = facts.node ? facts.node->name : "this node";
  switch (report.verdict) {
    case Verdict::healthy:
      return name + " is healthy" + can_lose(facts);
    case Verdict::degraded:
      return name + " is degraded: " + report.problems.front() + can_lose(facts);
    case Verdict::unreachable:
      return name + " does not answer: " +
             (all_stopped(facts) ? report.problems.front() : facts.gateway.problem);
    case Verdict::not_installed:
      return "this host is not an orama node";
  }
  return name;
}

}  // namespace

StatusReport judge_status(const StatusFacts& facts) {
  const bool taken_back = facts.receipt && facts.receipt->outcome == Receipt::Outcome::none;
  if (taken_back || (!facts.node && facts.node_problem.empty())) {
    return not_installed(facts);
  }
  StatusReport report;
  if (!facts.node_problem.empty()) {
    problem(report, facts.node_problem, "sudo orama install");
  }
  judge_registry(facts, report);
  judge_install(facts, report);
  judge_units(facts, report);
  judge_engines(facts, report);
  judge_gateway(facts, report);
  judge_host(facts, report);
  list_hidden(facts, report);
  if (report.verdict == Verdict::healthy && !report.problems.empty()) {
    report.verdict = Verdict::degraded;
  }
  report.headline = headline(facts, report);
  report.rows = status_rows(facts);
  return report;
}

ExitCode status_exit(Verdict verdict) {
  switch (verdict) {
    case Verdict::healthy:
      return ExitCode::ok;
    case Verdict::degraded:
    case Verdict::not_installed:
      return ExitCode::pending;
    case Verdict::unreachable:
      return ExitCode::unreachable;
  }
  return ExitCode::failed;
}

}  // namespace orama::cli
