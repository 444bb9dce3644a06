#include "cli/status_facts.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/node_record.h"
#include "cli/services.h"
#include "cli/session.h"
#include "common/api/status.h"
#include "common/build_info.h"
#include "common/http_client.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/agent/host_mesh_device.h"
#include "installers/agent/mesh_commands.h"
#include "installers/host/files.h"
#include "installers/host/systemd.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/receipt.h"
#include "installers/rqlite_engine.h"
#include "installers/rqlite_guard.h"
#include "installers/steps/caddy_certificates.h"
#include "installers/steps/firewall_switch.h"
#include "installers/steps/firewall_ufw.h"

namespace orama::cli {
namespace {

namespace paths = installers::paths;
using nlohmann::json;

constexpr std::chrono::milliseconds kPatience{2000};

// Takes a result apart into a value or the words why not.
template <class T, class Out>
void take(Result<T> result, Out& out, std::string& problem) {
  if (result.ok()) {
    out = std::move(result).value();
  } else {
    problem = result.error().full_message();
  }
}

std::vector<std::string> unit_names() {
  std::vector<std::string> names;
  names.reserve(2 * services().size());
  for (const Service& service : services()) {
    if (!service.socket.empty()) {
      names.emplace_back(service.socket);
    }
    names.emplace_back(service.unit);
  }
  return names;
}

// A socket unit would start a gateway that was stopped: it is asked only when systemd says that it
// runs.
bool gateway_may_answer(const StatusFacts& facts) {
  for (const installers::UnitState& unit : facts.units) {
    if (unit.name == paths::kGatewayUnit) {
      return unit.active != "inactive" && unit.active != "failed";
    }
  }
  return true;  // nothing known
}

Result<json> ask(HttpClient& http, const std::string& url, const std::string& unix_socket) {
  HttpRequest request;
  request.url = url;
  request.unix_socket = unix_socket;
  request.timeout = kPatience;
  TRY(response, http.send(request));
  // 503 is how the health route says "unhealthy", with the same body.
  if (response.status != 200 && response.status != 503) {
    return make_error(response.status == 403 ? Errc::not_allowed : Errc::failed,
                      "the gateway answered " + std::to_string(response.status));
  }
  return parse_json(response.body);
}

Result<void> ask_health(HttpClient& http, GatewayFacts& gateway) {
  TRY(body,
      ask(http, "http://127.0.0.1:" + std::to_string(paths::kGatewayPort) + "/v1/health", ""));
  const auto status = body.find("status");
  const auto checks = body.find("checks");
  if (status == body.end() || !status->is_string() || checks == body.end() ||
      !checks->is_object()) {
    return make_error(Errc::failed, "what answers on port 6001 is no gateway of orama's");
  }
  gateway.health = status->get<std::string>();
  for (const auto& [name, value] : checks->items()) {
    TRY(check, api::Check::from_json(value));
    gateway.checks.emplace(name, std::move(check));
  }
  gateway.answer = GatewayFacts::Answer::health;
  return {};
}

Result<void> ask_admin(HttpClient& http, GatewayFacts& gateway) {
  TRY(body, ask(http, "http://localhost/admin/status", paths::kAdminSocket));
  TRY(status, api::AdminStatus::from_json(body));
  gateway.checks = status.checks;
  gateway.admin = std::move(status);
  gateway.answer = GatewayFacts::Answer::full;
  return {};
}

// A gap in the list is no news: what is wrong with the gateway was said before.
void ask_nodes(HttpClient& http, GatewayFacts& gateway) {
  const Result<json> body = ask(http, "http://localhost/admin/nodes", paths::kAdminSocket);
  const auto nodes = body.ok() ? body->find("nodes") : json::const_iterator();
  if (!body.ok() || nodes == body->end() || !nodes->is_array()) {
    return;
  }
  for (const json& item : *nodes) {
    Result<api::Node> node = api::Node::from_json(item);
    if (!node.ok()) {
      continue;
    }
    if (node->id == gateway.admin->node.id && node->actual) {
      for (const auto& unit : node->actual->units) {
        if (unit.restart_pending) {
          gateway.restart_pending.push_back(unit.name);
        }
      }
    }
    gateway.nodes.push_back(std::move(node).value());
  }
}

void gather_gateway(Session& session, StatusFacts& facts) {
  GatewayFacts& gateway = facts.gateway;
  if (!gateway_may_answer(facts)) {
    gateway.problem = std::string(paths::kGatewayUnit) + " does not run";
    return;
  }
  HttpClient& http = session.host.http;
  if (Result<void> health = ask_health(http, gateway); !health.ok()) {
    gateway.problem = health.error().full_message();
  }
  if (!facts.reads_admin) {
    return;
  }
  if (Result<void> admin = ask_admin(http, gateway); !admin.ok()) {
    gateway.problem = admin.error().full_message();
  } else {
    gateway.problem.clear();
    ask_nodes(http, gateway);
  }
}

Result<FirewallFacts> read_firewall(installers::Host& host) {
  FirewallFacts facts;
  TRY(active, installers::ufw_is_active(host.commands));
  facts.active = active;
  TRY(rules, installers::read_ufw_rules(host.files));
  facts.our_rules = static_cast<int>(
      std::count_if(rules.begin(), rules.end(), [](const auto& rule) { return rule.is_ours(); }));
  TRY(pending, installers::read_pending_firewall(host));
  facts.pending = pending.has_value();
  return facts;
}

void gather_for_root(Session& session, StatusFacts& facts) {
  take(installers::Receipt::load(session.host.files), facts.receipt, facts.receipt_problem);
  take(read_firewall(session.host), facts.firewall, facts.firewall_problem);
  if (facts.node) {
    if (Result<void> guard = installers::rqlite_guard(session.host.files, installers::kRegistry);
        !guard.ok()) {
      facts.registry_wiped = std::move(guard).error();
    }
  }
  const Result<std::optional<installers::NodeSpec>> spec =
      NodeRecord{facts.node, facts.receipt}.spec();
  if (!spec.ok()) {
    facts.certificate_problem = spec.error().full_message();
  } else if (*spec) {
    facts.firewall_wanted = (*spec)->firewall;
    facts.acme_wanted = (*spec)->tls == installers::TlsMode::acme;
    take(installers::certificate_state(session.host, **spec), facts.certificate,
         facts.certificate_problem);
  }
}

std::optional<DiskFacts> read_disk() {
  struct statvfs found = {};
  if (statvfs(paths::kState, &found) != 0) {
    return std::nullopt;
  }
  return DiskFacts{found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize};
}

// rqlited is a Go module: its version stands in the list of what the components package carries.
std::string read_registry_version(installers::Files& files) {
  const Result<std::string> text = files.read(std::string(paths::kShare) + "/components.json");
  const Result<json> body = text.ok() ? parse_json(*text) : Result<json>(text.error());
  if (!body.ok() || !body->is_object() || !body->contains("modules")) {
    return "";
  }
  for (const json& module : (*body)["modules"]) {
    if (module.is_object() && module.value("module", json()) == "github.com/rqlite/rqlite/v8") {
      const json version = module.value("version", json());
      return version.is_string() ? version.get<std::string>() : "";
    }
  }
  return "";
}

}  // namespace

StatusFacts gather_status(Session& session) {
  StatusFacts facts;
  facts.root = session.caller.root;
  facts.reads_admin = session.caller.reads_admin;
  facts.now = session.host.clock.wall_now();
  facts.version = build_info().version;
  take(read_node_file(session.host.files), facts.node, facts.node_problem);
  take(session.host.systemd.states(unit_names()), facts.units, facts.units_problem);
  if (!facts.node && facts.node_problem.empty()) {
    if (facts.root) {
      take(installers::Receipt::load(session.host.files), facts.receipt, facts.receipt_problem);
    }
    return facts;  // no node: the rest has no answer
  }
  gather_gateway(session, facts);
  installers::HostMeshDevice device;
  take(installers::read_mesh(session.host, device), facts.mesh, facts.mesh_problem);
  facts.disk = read_disk();
  facts.registry_version = read_registry_version(session.host.files);
  if (facts.root) {
    gather_for_root(session, facts);
  }
  return facts;
}

}  // namespace orama::cli
