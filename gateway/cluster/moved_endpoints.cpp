#include "gateway/cluster/moved_endpoints.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/api/cluster.h"
#include "common/api/desired.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mesh/endpoint.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/node_report.h"
#include "gateway/cluster/node_update.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

using namespace std::chrono_literals;

constexpr auto kReportFresh = 30s;
constexpr auto kHandshakeFresh = 3min;  // WireGuard makes a new one every two minutes
constexpr int kWitnesses = 2;

bool is_fresh(const api::Actual& report, const api::Actual::Peer& peer) {
  const auto now = parse_rfc3339(report.time);
  const auto then = peer.last_handshake ? parse_rfc3339(*peer.last_handshake)
                                        : Result<WallTime>(make_error(Errc::not_found, "none"));
  return now.ok() && then.ok() && *now - *then < kHandshakeFresh;
}

// Where others hear a node now, and how many of them.
std::map<mesh::Endpoint, int> heard_at(const std::string& node_id, const Reports& reports) {
  std::map<mesh::Endpoint, int> heard;
  for (const auto& [reporter, report] : reports) {
    for (const api::Actual::Peer& peer : report.peers) {
      const auto endpoint = mesh::Endpoint::parse(peer.endpoint);
      if (peer.id == node_id && reporter != node_id && endpoint.ok() && is_fresh(report, peer)) {
        ++heard[*endpoint];
      }
    }
  }
  return heard;
}

std::vector<mesh::Endpoint> parsed(const std::vector<std::string>& texts) {
  std::vector<mesh::Endpoint> out;
  for (const std::string& text : texts) {
    if (const auto endpoint = mesh::Endpoint::parse(text); endpoint.ok()) {
      out.push_back(*endpoint);
    }
  }
  return out;
}

// The one endpoint at an unknown address that enough members name.
std::optional<mesh::Endpoint> new_endpoint(const std::vector<mesh::Endpoint>& known,
                                           const std::map<mesh::Endpoint, int>& heard,
                                           const mesh::Cidr& mesh_cidr) {
  std::optional<mesh::Endpoint> found;
  for (const auto& [endpoint, count] : heard) {
    const bool is_known =
        std::any_of(known.begin(), known.end(),
                    [&at = endpoint.address](const auto& one) { return one.address == at; });
    if (is_known) {
      return std::nullopt;
    }
    if (count >= kWitnesses && mesh::check_outside_mesh(endpoint.address, mesh_cidr).ok()) {
      if (found) {
        return std::nullopt;  // not of one mind
      }
      found = endpoint;
    }
  }
  return found;
}

}  // namespace

std::vector<MovedEndpoint> moved_endpoints(const MembershipState& state, const Reports& reports,
                                           const mesh::Cidr& mesh_cidr) {
  std::vector<MovedEndpoint> moved;
  for (const NodeRow& node : state.nodes) {
    if (node.state != "ready") {
      continue;
    }
    const std::vector<mesh::Endpoint> known = parsed(node.endpoints);
    const auto found = new_endpoint(known, heard_at(node.id, reports), mesh_cidr);
    if (!found) {
      continue;
    }
    MovedEndpoint move{node.id, node.endpoints, {found->to_string()}};
    for (const mesh::Endpoint& one : known) {
      if (one.address.is_v4() != found->address.is_v4() && move.after.size() < api::kMaxEndpoints) {
        move.after.push_back(one.to_string());
      }
    }
    moved.push_back(std::move(move));
  }
  return moved;
}

void learn_addresses(const MembershipState& state, const Reports& reports, KnownAddresses& known) {
  for (const NodeRow& node : state.nodes) {
    const auto heard = heard_at(node.id, reports);
    const bool is_first = !known.contains(node.id) && !heard.empty();
    if (is_first) {
      for (const auto& [endpoint, count] : heard) {
        known[node.id].insert(endpoint.address);
      }
    }
    if (known.contains(node.id)) {
      for (const mesh::Endpoint& endpoint : parsed(node.endpoints)) {
        known[node.id].insert(endpoint.address);
      }
    }
  }
}

std::vector<MovedEndpoint> only_news(std::vector<MovedEndpoint> moved,
                                     const KnownAddresses& known) {
  std::erase_if(moved, [&known](const MovedEndpoint& move) {
    const auto to = mesh::Endpoint::parse(move.after.front());
    const auto addresses = known.find(move.node_id);
    return !to.ok() || addresses == known.end() || addresses->second.contains(to->address);
  });
  return moved;
}

void EndpointWatch::start() {
  spawn(parts_.context, "endpoint_watch", run(), parts_.log);
}

Awaitable<void> EndpointWatch::run() {
  for (;;) {
    co_await look();
    co_await pause_.wait(parts_.interval);
  }
}

Reports EndpointWatch::fresh_reports(const MembershipState& state) const {
  Reports reports;
  const SteadyTime now = parts_.clock.steady_now();
  for (const NodeRow& node : state.nodes) {
    auto report =
        node.id == parts_.own_id ? parts_.own_report.last() : parts_.peers.of(node.id).report;
    if (node.state == "ready" && report && now - report->at_steady < kReportFresh) {
      reports.emplace_back(node.id, std::move(report->actual));
    }
  }
  return reports;
}

Awaitable<void> EndpointWatch::look() {
  const auto state = parts_.membership.state();
  if (!parts_.membership.touch()->in_touch) {
    co_return;
  }
  const Reports reports = fresh_reports(*state);
  learn_addresses(*state, reports, known_);
  for (MovedEndpoint& move :
       only_news(moved_endpoints(*state, reports, parts_.mesh_cidr), known_)) {
    const std::string id = move.node_id;
    const std::string to = move.after.front();
    const auto written =
        co_await move_endpoints(&parts_.registry, id, std::move(move.before), std::move(move.after),
                                to_unix_ms(parts_.clock.wall_now()));
    if (!written.ok()) {
      parts_.log.warn("a node's new address was not written",
                      {{"node", id}, {"reason", written.error().full_message()}});
    } else if (*written) {
      parts_.log.info("a node is reached at another address", {{"node", id}, {"endpoint", to}});
      known_.erase(id);  // from here on anew: it may come back to where it was
      parts_.membership.announce();
    }
  }
}

}  // namespace orama::gateway::cluster
