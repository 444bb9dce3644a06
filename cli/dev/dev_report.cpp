#include "cli/dev/dev_report.h"
#include "cli/dev/dev_health.h"

#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/dev/dev_layout.h"
#include "cli/dev/dev_supervisor.h"
#include "cli/output.h"
#include "installers/paths.h"

namespace orama::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kMebibyte = 1024UL * 1024;

std::string mebibytes(std::size_t bytes) {
  return std::to_string((bytes + kMebibyte / 2) / kMebibyte) + " MiB";
}

std::string local_url(std::size_t number) {
  return "http://localhost:" +
         std::to_string(installers::paths::kGatewayPort + static_cast<int>(number) - 1);
}

std::string units_text(const DevNodeRow& row) {
  std::string text = std::to_string(row.units.processes()) + " running";
  const std::vector<std::string> resting = row.units.not_running();
  if (row.units.off) {
    return "off, boots again by itself";
  }
  return text + (resting.empty() ? "" : ", not running: " + joined(resting));
}

std::string health_text(const Output& output, const DevHealth& health) {
  if (health.problems.empty()) {
    return output.paint(Style::good, "whole");
  }
  return output.paint(Style::warning, health.status.empty() ? "no answer" : "not whole");
}

}  // namespace

std::string dev_table(const Output& output, const std::vector<DevNodeRow>& rows) {
  std::vector<std::vector<std::string>> table = {
      {"NODE", "MESH", "GATEWAY", "HEALTH", "MEMORY", "UNITS"}};
  std::size_t memory = 0;
  std::string problems;
  for (const DevNodeRow& row : rows) {
    table.push_back({row.name, row.mesh_ip, row.gateway_url, health_text(output, row.health),
                     mebibytes(row.memory), units_text(row)});
    memory += row.memory;
    for (const std::string& problem : row.health.problems) {
      problems += "  " + row.name + ": " + problem + "\n";
    }
  }
  std::string text = format_table(table);
  text += "Memory of all: " + mebibytes(memory) + " (proportional set size)\n";
  return text + problems;
}

json dev_json(const std::vector<DevNodeRow>& rows) {
  json nodes = json::array();
  for (const DevNodeRow& row : rows) {
    json units = json::array();
    for (const DevUnit& unit : row.units.units) {
      units.push_back({{"name", unit.state.name},
                       {"active", unit.state.active},
                       {"sub", unit.state.sub},
                       {"pid", unit.state.main_pid},
                       {"since", unit.state.since},
                       {"restarts", unit.restarts}});
    }
    nodes.push_back({{"name", row.name},
                     {"mesh_ip", row.mesh_ip},
                     {"gateway", row.gateway_url},
                     {"health", row.health.status},
                     {"problems", row.health.problems},
                     {"off", row.units.off},
                     {"memory_bytes", row.memory},
                     {"units", std::move(units)}});
  }
  return {{"nodes", std::move(nodes)}};
}

std::vector<std::string> curl_lines(const DevLayout& layout, std::size_t nodes) {
  return {"curl " + local_url(1) + "/v1/health", "curl " + local_url(nodes) + "/v1/status",
          "curl --unix-socket " +
              layout.node(dev_node_name(1)).path(installers::paths::kAdminSocket) +
              " http://localhost/admin/nodes"};
}

std::vector<std::string> embedded_curl_lines() {
  return {"curl " + local_url(1) + "/v1/health", "curl " + local_url(1) + "/v1/status",
          "curl " + local_url(1) + "/v1/version"};
}

std::string try_text(const std::vector<std::string>& lines) {
  std::string text = "Try:\n";
  for (const std::string& line : lines) {
    text += "    " + line + "\n";
  }
  return text;
}

}  // namespace orama::cli
