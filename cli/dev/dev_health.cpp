#include "cli/dev/dev_health.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/dev/dev_layout.h"
#include "cli/dev/dev_supervisor.h"
#include "cli/session.h"
#include "common/api/status.h"
#include "common/clock.h"
#include "common/http_client.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/dev/dev_host.h"
#include "installers/dev/dev_plan.h"
#include "installers/steps/admin_call.h"

namespace orama::cli {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kPoll{150}, kOneAnswer{3000};

Result<json> ask(HttpClient& http, HttpRequest request) {
  request.timeout = kOneAnswer;
  TRY(response, http.send(request));
  return parse_json(response.body);
}

Result<json> ask_health(HttpClient& http, const std::string& listen) {
  HttpRequest request;
  request.url = "http://" + listen + "/v1/health";
  return ask(http, request);
}

void look_at_checks(const json& health, DevHealth& found) {
  found.status = text_of(health, "status");
  const json checks = health.value("checks", json::object());
  for (const auto& [name, check] : checks.items()) {
    const std::string status = text_of(check, "status");
    if (status != "up" && status != "disabled") {
      found.problems.push_back(name);
      found.problems.back().append(" is ").append(status);
    }
  }
  if (found.status != "ok" && found.problems.empty()) {
    found.problems.push_back("health is " + found.status);
  }
}

void look_at_status(const api::AdminStatus& status, std::size_t nodes, DevHealth& found) {
  found.problems.insert(found.problems.end(), status.missing.begin(), status.missing.end());
  if (status.nodes_up != static_cast<std::int64_t>(nodes) ||
      status.nodes_total != status.nodes_up) {
    found.problems.push_back("it sees " + std::to_string(status.nodes_up) + " of " +
                             std::to_string(nodes) + " nodes up");
  }
  if (!status.registry.quorum || status.registry.voters_up != status.registry.voters) {
    found.problems.push_back(std::to_string(status.registry.voters_up) + " of " +
                             std::to_string(status.registry.voters) + " voters of the registry up");
  }
}

// The votes that the cluster chose are those that the registry counts.
void look_at_votes(const json& list, std::int64_t voters, DevHealth& found) {
  std::int64_t chosen = 0;
  for (const json& node : list.value("nodes", json::array())) {
    const auto parsed = api::Node::from_json(node);
    chosen += parsed.ok() && parsed->state == "ready" && parsed->voter ? 1 : 0;
  }
  if (chosen != voters) {
    found.problems.push_back("the registry has " + std::to_string(voters) + " voters of " +
                             std::to_string(chosen) + " chosen");
  }
}

Result<void> ask_cluster_state(HttpClient& http, std::size_t nodes, DevHealth& found) {
  TRY(body, ask(http, installers::admin_request("GET", "/admin/status")));
  TRY(status, api::AdminStatus::from_json(body));
  look_at_status(status, nodes, found);
  TRY(list, ask(http, installers::admin_request("GET", "/admin/nodes")));
  look_at_votes(list, status.registry.voters, found);
  return {};
}

using Look = std::function<std::vector<DevHealth>()>;

Result<void> wait_for(Session& session, std::chrono::seconds within, const Look& look) {
  Clock& clock = session.host.clock;
  const SteadyTime deadline = clock.steady_now() + within;
  for (;;) {
    std::string amiss;
    for (const DevHealth& health : look()) {
      for (const std::string& problem : health.problems) {
        amiss += (amiss.empty() ? "" : "; ") + health.node + ": " + problem;
      }
    }
    if (amiss.empty()) {
      return {};
    }
    if (session.interrupted.load()) {
      return make_error(
          Errc::interrupted, "interrupted while the cluster was waited for",
          "it goes on without us; `orama dev up` waits again, `orama dev down` ends it");
    }
    if (clock.steady_now() >= deadline) {
      return make_error(
          Errc::timeout,
          "the cluster is not whole after " + std::to_string(within.count()) + " s: " + amiss,
          "orama dev status; orama dev logs NODE");
    }
    session.output.live("waiting until the cluster is whole: " + amiss.substr(0, amiss.find(';')) +
                        " …");
    clock.sleep_for(kPoll);
  }
}

// An engine may be on its way to another role while its gateway still finds it well.
void add_units(const DevLayout& layout, std::vector<DevHealth>& all) {
  const auto listed = list_units(layout);
  if (!listed.ok()) {
    return;  // the gateways say what that means
  }
  for (const DevNodeUnits& node : *listed) {
    for (DevHealth& health : all) {
      for (const std::string& unit : node.not_running()) {
        if (health.node == node.name) {
          health.problems.push_back(unit + " is not running");
        }
      }
    }
  }
}

}  // namespace

DevHealth look_at_node(Session& session, const DevLayout& layout, std::size_t number,
                       std::size_t nodes) {
  DevHealth found;
  found.node = dev_node_name(number);
  installers::DevHost node(session.host, layout.node(found.node));
  const auto health = ask_health(node.host().http, installers::dev_local_listen(number));
  if (!health.ok()) {
    found.problems.emplace_back("its gateway does not answer");
    return found;
  }
  look_at_checks(*health, found);
  const auto cluster = ask_cluster_state(node.host().http, nodes, found);
  if (!cluster.ok()) {
    found.problems.push_back("its admin socket: " + cluster.error().full_message());
  }
  return found;
}

Result<void> wait_until_whole(Session& session, const DevLayout& layout, std::size_t nodes,
                              std::chrono::seconds within) {
  return wait_for(session, within, [&] {
    std::vector<DevHealth> all;
    for (std::size_t number = 1; number <= nodes; ++number) {
      all.push_back(look_at_node(session, layout, number, nodes));
    }
    add_units(layout, all);
    return all;
  });
}

DevHealth look_at_embedded(Session& session) {
  DevHealth found;
  found.node = kEmbeddedNode;
  const auto health = ask_health(session.host.http, installers::dev_local_listen(1));
  if (health.ok()) {
    look_at_checks(*health, found);
  } else {
    found.problems.emplace_back("the gateway does not answer");
  }
  return found;
}

Result<void> wait_for_embedded(Session& session, std::chrono::seconds within) {
  return wait_for(session, within,
                  [&session] { return std::vector<DevHealth>{look_at_embedded(session)}; });
}

}  // namespace orama::cli
