#include "cli/status_rows.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/output.h"
#include "cli/status_engines.h"
#include "cli/status_facts.h"
#include "cli/status_nodes.h"
#include "cli/status_report.h"
#include "common/api/status.h"
#include "common/clock.h"
#include "installers/host/systemd.h"
#include "installers/receipt.h"
#include "installers/steps/caddy_certificates.h"

namespace orama::cli {
namespace {

using Row = StatusReport::Row;
using installers::CertificateState;
using installers::Receipt;

Row unknown_row(std::string area, std::string why) {
  return {std::move(area), "unknown", std::move(why), Style::warning};
}

void add_units(const StatusFacts& facts, std::vector<Row>& rows) {
  for (const installers::UnitState& unit : facts.units) {
    const bool missing = unit.load == "masked" || unit.load == "not-found";
    rows.push_back({unit.name, missing ? unit.load : unit.active,
                    unit.since.empty() ? "" : "since " + unit.since,
                    unit.is_active() ? Style::good : Style::bad});
  }
}

void add_gateway(const GatewayFacts& gateway, std::vector<Row>& rows) {
  if (gateway.answer == GatewayFacts::Answer::none) {
    rows.push_back({"health", "no answer", gateway.problem, Style::bad});
    return;
  }
  std::string checks;
  bool down = false;
  for (const auto& [name, check] : gateway.checks) {
    checks += (checks.empty() ? "" : ", ") + name + " " + check.status;
    down = down || (check.counted && check.status == "down");
  }
  rows.push_back({"health", gateway.health.empty() ? (down ? "degraded" : "ok") : gateway.health,
                  checks, down ? Style::bad : Style::good});
}

std::string leader_name(const StatusFacts& facts, const api::AdminStatus& admin) {
  const std::string& id = admin.registry.leader_id;
  return id.empty() ? "none" : id == admin.node.id ? "this node" : node_name(facts, id);
}

// No command carries it out yet: the text promises none.
std::string rotate_detail(const std::vector<api::AdminStatus::Rotate>& list) {
  std::vector<std::string> names, nodes;
  for (const auto& secret : list) {
    names.push_back(secret.name);
    if (std::find(nodes.begin(), nodes.end(), secret.node) == nodes.end()) {
      nodes.push_back(secret.node);
    }
  }
  return "removed " + joined(nodes) + " had them: " + joined(names) +
         "; their rotation comes with a later release";
}

void add_cluster(const StatusFacts& facts, const api::AdminStatus& admin, std::vector<Row>& rows) {
  if (admin.cluster) {
    rows.push_back({"cluster", admin.cluster->name,
                    std::to_string(admin.nodes_up) + " of " + std::to_string(admin.nodes_total) +
                        " nodes up, mesh " + admin.cluster->mesh_cidr.to_string()});
  }
  if (!admin.rotate.empty()) {
    rows.push_back({"secrets", "to rotate", rotate_detail(admin.rotate), Style::warning});
  }
  const auto& registry = admin.registry;
  rows.push_back({"registry", registry.quorum ? "quorum" : "no quorum",
                  std::to_string(registry.voters_up) + " of " + std::to_string(registry.voters) +
                      " voters up, tolerates " + std::to_string(registry.tolerates) + ", leader " +
                      leader_name(facts, admin),
                  registry.quorum ? Style::good : Style::bad});
}

void add_mesh(const StatusFacts& facts, std::vector<Row>& rows) {
  if (!facts.mesh) {
    rows.push_back(unknown_row("mesh", facts.mesh_problem));
    return;
  }
  const auto& interface = facts.mesh->interface;
  std::string detail;
  for (const std::string& address : interface.addresses) {
    detail += (detail.empty() ? "" : ", ") + address;
  }
  if (interface.present && !facts.mesh->back_end.empty()) {
    detail += (detail.empty() ? "" : ", ") + facts.mesh->back_end + " device";
  }
  const std::string peers =
      facts.mesh->device ? std::to_string(facts.mesh->device->peers.size()) + " peers"
                         : std::to_string(facts.mesh->members.size()) + " peers as last saved";
  detail += (detail.empty() ? "" : ", ") + peers;
  const bool up = interface.present && interface.up;
  rows.push_back({"mesh",
                  up                  ? "up"
                  : interface.present ? "down"
                                      : "absent",
                  detail, up ? Style::good : Style::bad});
}

void add_firewall(const StatusFacts& facts, std::vector<Row>& rows) {
  if (!facts.firewall) {
    rows.push_back(unknown_row("firewall", facts.firewall_problem));
    return;
  }
  std::string detail = std::to_string(facts.firewall->our_rules) + " rules of orama's";
  if (facts.firewall->pending) {
    detail += ", a change is not proven yet";
  }
  if (!facts.firewall_wanted) {
    detail = "left alone (--skip-firewall)";
  }
  const bool good = facts.firewall->active || !facts.firewall_wanted;
  rows.push_back(
      {"firewall", facts.firewall->active ? "on" : "off", detail, good ? Style::good : Style::bad});
}

std::string certificate_detail(const StatusFacts& facts) {
  const CertificateState& certificate = *facts.certificate;
  std::string detail = "until " + format_rfc3339(certificate.not_after);
  if (certificate.next_try) {
    const bool waiting =
        facts.acme_wanted && certificate.serving == CertificateState::Serving::internal;
    detail += (waiting ? ", ACME is tried again at " : ", renewed at ") +
              format_rfc3339(*certificate.next_try);
  }
  return detail + ", by " + certificate.issuer;
}

void add_certificate(const StatusFacts& facts, std::vector<Row>& rows) {
  if (!facts.certificate) {
    rows.push_back(unknown_row("tls", facts.certificate_problem));
    return;
  }
  switch (facts.certificate->serving) {
    case CertificateState::Serving::none:
      rows.push_back({"tls", "none", "no certificate yet", Style::bad});
      return;
    case CertificateState::Serving::internal:
      rows.push_back({"tls", "internal CA", certificate_detail(facts), Style::good});
      return;
    case CertificateState::Serving::acme:
      rows.push_back({"tls", "ACME", certificate_detail(facts), Style::good});
      return;
  }
}

void add_receipt(const Receipt& receipt, std::vector<Row>& rows) {
  const std::string log = receipt.log_file.empty() ? "" : "log " + receipt.log_file;
  switch (receipt.outcome) {
    case Receipt::Outcome::done:
      rows.push_back({"last install", "done", log, Style::good});
      return;
    case Receipt::Outcome::none:
      rows.push_back({"last install", "taken back", log, Style::warning});
      return;
    case Receipt::Outcome::running:
      rows.push_back({"last install", "unfinished", log, Style::bad});
      return;
    case Receipt::Outcome::failed:
      rows.push_back({"last install", "failed", log, Style::bad});
      return;
  }
}

std::string versions(const StatusFacts& facts) {
  std::string text;
  if (facts.gateway.admin && facts.gateway.admin->version != facts.version) {
    text += "gateway " + facts.gateway.admin->version + " runs";
  }
  if (!facts.registry_version.empty()) {
    text += (text.empty() ? "" : ", ") + std::string("rqlite ") + facts.registry_version;
  }
  for (const std::string& unit : facts.gateway.restart_pending) {
    text += (text.empty() ? "" : ", ") + unit + ": restart pending";
  }
  return text;
}

}  // namespace

std::vector<Row> status_rows(const StatusFacts& facts) {
  std::vector<Row> rows;
  if (!facts.units_problem.empty()) {
    rows.push_back(unknown_row("units", facts.units_problem));
  }
  add_units(facts, rows);
  add_gateway(facts.gateway, rows);
  for (Row& row : engine_rows(facts)) {
    rows.push_back(std::move(row));
  }
  if (facts.gateway.admin) {
    add_cluster(facts, *facts.gateway.admin, rows);
    for (Row& row : node_rows(facts)) {
      rows.push_back(std::move(row));
    }
  }
  add_mesh(facts, rows);
  if (facts.root) {
    add_firewall(facts, rows);
    add_certificate(facts, rows);
  }
  if (facts.disk) {
    rows.push_back({"disk", gibibytes(facts.disk->free_bytes) + " GiB free",
                    "of " + gibibytes(facts.disk->total_bytes) + " GiB"});
  }
  rows.push_back({"version", facts.version, versions(facts)});
  if (facts.receipt) {
    add_receipt(*facts.receipt, rows);
  }
  return rows;
}

}  // namespace orama::cli
