// A node that is well, as `orama status` finds it: each test breaks one thing.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/services.h"
#include "cli/status_facts.h"
#include "common/api/cluster.h"
#include "common/api/node_file.h"
#include "common/api/status.h"
#include "common/mesh/ip_address.h"
#include "installers/host/systemd.h"
#include "installers/receipt.h"
#include "installers/steps/caddy_certificates.h"

namespace orama::cli {

inline api::NodeFile node_file() {
  api::NodeFile node;
  node.id = "node_1";
  node.name = "node1";
  node.domain = "node1.example.com";
  node.base_domain = "example.com";
  node.cluster_id = "cluster_1";
  node.mesh_cidr = mesh::Cidr::parse("10.0.0.0/24").value();
  node.mesh_ip = mesh::IpAddress::parse("10.0.0.1").value();
  node.founded = true;
  return node;
}

inline api::Check check(std::string status, std::optional<std::string> reason = std::nullopt) {
  api::Check made;
  made.status = std::move(status);
  made.reason = std::move(reason);
  return made;
}

// A node that is well, as root sees it; each test breaks one thing.
inline StatusFacts well() {
  StatusFacts facts;
  facts.root = facts.reads_admin = true;
  facts.version = "0.1.0";
  facts.node = node_file();
  for (const Service& service : services()) {
    for (const std::string_view unit : {service.socket, service.unit}) {
      if (!unit.empty()) {
        installers::UnitState state;
        state.name = unit;
        state.load = "loaded";
        state.active = "active";
        facts.units.push_back(state);
      }
    }
  }
  facts.gateway.answer = GatewayFacts::Answer::full;
  facts.gateway.health = "ok";
  facts.gateway.checks["registry"] = check("up");
  facts.gateway.admin.emplace();
  facts.gateway.admin->cluster = api::ClusterInfo{"cluster_1", "example.com", "example.com",
                                                  mesh::Cidr::parse("10.0.0.0/24").value(), 1};
  facts.gateway.admin->registry = {"node_1", 1, 1, true, 0, 10, 0.0, {}};
  facts.gateway.admin->version = "0.1.0";
  facts.gateway.admin->node.id = "node_1";
  facts.gateway.admin->nodes_total = facts.gateway.admin->nodes_up = 1;
  facts.mesh.emplace();
  facts.mesh->interface = {true, true, "wireguard", 1420, {"10.0.0.1/24"}};
  facts.mesh->back_end = "kernel";
  facts.disk = DiskFacts{20ULL << 30U, 40ULL << 30U};
  facts.receipt.emplace();
  facts.receipt->outcome = installers::Receipt::Outcome::done;
  facts.receipt->log_file = "/var/log/orama/install-1.log";
  facts.firewall = FirewallFacts{true, false, 7};
  facts.certificate.emplace();
  facts.certificate->serving = installers::CertificateState::Serving::internal;
  return facts;
}

inline installers::UnitState& unit(StatusFacts& facts, std::string_view name) {
  return *std::find_if(facts.units.begin(), facts.units.end(),
                       [name](const auto& state) { return state.name == name; });
}

inline bool says(const std::vector<std::string>& lines, std::string_view word) {
  return std::any_of(lines.begin(), lines.end(), [word](const std::string& line) {
    return line.find(word) != std::string::npos;
  });
}

}  // namespace orama::cli
