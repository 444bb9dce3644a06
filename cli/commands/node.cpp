// node list, show, remove, rename, set-address, set; and leave. All through this node's gateway.
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/admin_client.h"
#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/leaving.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/status_nodes.h"
#include "common/api/status.h"
#include "common/mesh/endpoint.h"
#include "common/mesh/ip_address.h"
#include "common/mesh/names.h"
#include "common/result.h"
#include "installers/paths.h"

namespace orama::cli {
namespace {

using nlohmann::json;

Result<std::vector<api::Node>> all_nodes(Session& session) {
  TRY(answer, admin_call(session, "GET", "/admin/nodes"));
  std::vector<api::Node> nodes;
  for (const json& item : answer.value("nodes", json::array())) {
    TRY(node, api::Node::from_json(item));
    nodes.push_back(std::move(node));
  }
  return nodes;
}

bool is_gone(const api::Node& node) {
  return node.state == "removed" || node.state == "released";
}

// By id, or by the name of one that is not gone.
Result<api::Node> find_node(Session& session, const std::string& word) {
  TRY(nodes, all_nodes(session));
  for (const api::Node& node : nodes) {
    if (node.id == word || (node.name == word && !is_gone(node))) {
      return node;
    }
  }
  return make_error(Errc::not_found, "there is no node " + word, "orama node list");
}

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

Result<Report> update(Session& session, const api::Node& node, const json& body,
                      const std::string& said) {
  TRY(answer, admin_call(session, "POST", "/admin/nodes/" + node.id, body));
  Report report;
  report.data = answer;
  report.text = said + "\n";
  return report;
}

Result<void> needs_node(const Arguments& arguments) {
  return arguments.words.empty()
             ? Result<void>(make_error(Errc::invalid_argument, "expected the name or id of a node",
                                       "orama node list"))
             : Result<void>();
}

}  // namespace

Result<void> check_node_word(const Arguments& arguments) {
  return needs_node(arguments);
}

Result<Report> run_node_list(Session& session, const Arguments& arguments) {
  TRY(nodes, all_nodes(session));
  std::vector<std::vector<std::string>> rows = {
      {"NAME", "STATE", "UP", "MESH", "REGISTRY", "ROLES", "VERSION", "ID"}};
  json shown = json::array();
  for (const api::Node& node : nodes) {
    if (is_gone(node) && !arguments.has("--all")) {
      continue;
    }
    rows.push_back({node.name, node.state, node.up ? "yes" : "no", node.mesh_ip,
                    is_gone(node) ? "-" : registry_role(node), joined(node.roles, "-"),
                    or_dash(node.version), node.id});
    shown.push_back(node.to_json());
  }
  Report report;
  report.text = format_table(rows);
  report.data = {{"nodes", std::move(shown)}};
  return report;
}

Result<Report> run_node_show(Session& session, const Arguments& arguments) {
  TRY(node, find_node(session, arguments.words.front()));
  std::vector<std::vector<std::string>> rows = {
      {"name", node.name},
      {"id", node.id},
      {"state", node.state},
      {"up", node.up ? "yes" : "no"},
      {"mesh address", node.mesh_ip},
      {"endpoints", joined(node.endpoints, "-")},
      {"roles", joined(node.roles, "-")},
      {"registry", registry_role(node)},
      {"version", or_dash(node.version)},
      {"joined", or_dash(node.joined_at)},
      {"last heard", node.last_seen.value_or("-")},
      {"WireGuard key", node.wg_public_key},
      {"IPFS peer id", or_dash(node.ipfs_peer)},
      {"IPFS Cluster peer id", or_dash(node.ipfs_cluster_peer)},
  };
  if (node.actual) {
    for (const auto& unit : node.actual->units) {
      rows.push_back({unit.name, unit.active + (unit.since ? " since " + *unit.since : "") +
                                     (unit.restart_pending ? ", restart pending" : "")});
    }
  }
  Report report;
  report.text = format_table(rows);
  report.data = node.to_json();
  return report;
}

Result<Report> run_node_remove(Session& session, const Arguments& arguments) {
  TRY(node, find_node(session, arguments.words.front()));
  const bool plan = arguments.has("--plan") || !arguments.has("--yes");
  std::string path = "/admin/nodes/" + node.id + "?plan=" + (plan ? "1" : "0");
  path += arguments.has("--force") ? "&force=1" : "";
  TRY(answer, admin_call(session, "DELETE", path));
  Report report;
  report.data = answer;
  report.data["plan"] = plan;
  if (plan) {
    report.exit = ExitCode::pending;
    report.text =
        "Would remove " + node.name + " (" + node.id + ", " + node.mesh_ip + ").\n" +
        voter_arithmetic(answer) +
        "Its keys would be refused for good, open invitations revoked, the key that hosts "
        "join with replaced, and the secrets that it had marked to be rotated. Nothing "
        "was changed.\nDo it: sudo orama node remove " +
        node.name + " --yes\n";
    return report;
  }
  report.text = node.name +
                " is removed: no member talks to it any more, and its keys are refused.\n" +
                voter_arithmetic(answer) +
                "Open invitations are revoked, and hosts join with a new key; `orama status` names "
                "the secrets that it had.\nOn that host: sudo orama uninstall --purge --yes\n";
  return report;
}

Result<void> check_node_rename(const Arguments& arguments) {
  TRY_VOID(needs_node(arguments));
  const auto to = arguments.text("--to");
  if (!to || !mesh::parse_node_name(*to).ok()) {
    return make_error(Errc::invalid_argument,
                      "--to: expected the new name: 1 to 63 of a-z, 0-9 and -",
                      "orama node rename " + arguments.words.front() + " --to NAME");
  }
  return {};
}

Result<Report> run_node_rename(Session& session, const Arguments& arguments) {
  TRY(node, find_node(session, arguments.words.front()));
  const std::string to = arguments.text("--to").value_or("");
  return update(session, node, {{"name", to}}, node.name + " is called " + to + " now.");
}

Result<void> check_node_set_address(const Arguments& arguments) {
  TRY_VOID(needs_node(arguments));
  if (arguments.all("--endpoint").empty()) {
    return make_error(Errc::invalid_argument, "--endpoint is missing: where the node is reached",
                      "such as --endpoint 203.0.113.12, more than once where it has several");
  }
  for (const std::string& text : arguments.all("--endpoint")) {
    if (!mesh::Endpoint::parse(text).ok() && !mesh::IpAddress::parse(text).ok()) {
      return make_error(Errc::invalid_argument,
                        "--endpoint: found \"" + text + "\", expected an address, or address:port",
                        "such as 203.0.113.12, 203.0.113.12:51820 or [2001:db8::12]:51820");
    }
  }
  return {};
}

Result<Report> run_node_set_address(Session& session, const Arguments& arguments) {
  TRY(node, find_node(session, arguments.words.front()));
  std::vector<std::string> endpoints;
  for (const std::string& text : arguments.all("--endpoint")) {
    const auto address = mesh::IpAddress::parse(text);
    endpoints.push_back(
        address.ok() ? mesh::Endpoint{*address, installers::paths::kWireguardPort}.to_string()
                     : text);
  }
  return update(session, node, {{"endpoints", endpoints}},
                node.name + " is reached at " + joined(endpoints) + " now.");
}

Result<void> check_node_set(const Arguments& arguments) {
  TRY_VOID(needs_node(arguments));
  const std::string voter = arguments.text("--voter").value_or("");
  if (voter != "auto" && voter != "always" && voter != "never") {
    return make_error(Errc::invalid_argument, "--voter: expected auto, always or never",
                      "orama node set " + arguments.words.front() + " --voter auto");
  }
  return {};
}

Result<Report> run_node_set(Session& session, const Arguments& arguments) {
  TRY(node, find_node(session, arguments.words.front()));
  const std::string voter = arguments.text("--voter").value_or("");
  return update(session, node, {{"voter", voter}},
                node.name + ": a voter of the registry " +
                    (voter == "auto" ? "when the cluster chooses it" : voter) + ".");
}

Result<Report> run_leave(Session& session, const Arguments& arguments) {
  Report report;
  if (!arguments.has("--yes")) {
    TRY(answer, admin_call(session, "POST", "/admin/leave", {{"plan", true}}));
    report.data = answer;
    report.data["plan"] = true;
    report.exit = ExitCode::pending;
    report.text = "This node would leave the cluster.\n" + voter_arithmetic(answer) +
                  "Nothing was changed. Do it: sudo orama leave --yes\n";
    return report;
  }
  TRY(answer, leave_cluster(session));
  report.data = answer;
  report.data["plan"] = false;
  report.text = "This node has left the cluster; its keys are refused there for good.\n" +
                voter_arithmetic(answer) + "Next: sudo orama uninstall --purge --yes\n";
  return report;
}

}  // namespace orama::cli
