#include "gateway/cluster/cluster_view.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/api/desired.h"
#include "common/api/status.h"
#include "common/clock.h"
#include "gateway/cluster/desired_board.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/peer_reports.h"

namespace orama::gateway::cluster {
namespace {

using namespace std::chrono_literals;

constexpr auto kReportFresh = 30s;  // the agent reports every 5 s
// http-api.md 19: past it only the node's own names are answered.
constexpr std::chrono::duration<double> kNamesTrusted = 60s;

api::Node node_of(const NodeRow& row) {
  api::Node node;
  node.id = row.id;
  node.name = row.name;
  node.mesh_ip = row.mesh_ip;
  node.wg_public_key = row.wg_public_key;
  node.endpoints = row.endpoints;
  node.roles = row.roles;
  node.state = row.state;
  node.voter = row.voter;
  node.ipfs_peer = row.ipfs_peer;
  node.ipfs_cluster_peer = row.ipfs_cluster_peer;
  node.joined_at =
      row.joined_at_ms == 0 ? std::string() : format_rfc3339(from_unix_ms(row.joined_at_ms));
  return node;
}

std::string peer_id_in(const std::map<std::string, std::string>& peers, const std::string& id) {
  const auto found = peers.find(id);
  return found == peers.end() ? std::string() : found->second;
}

void add_peer(PeerState peer, api::Node& node) {
  node.up = peer.up;
  node.version = std::move(peer.version);
  if (peer.last_seen) {
    node.last_seen = format_rfc3339(*peer.last_seen);
  }
  if (peer.report) {
    node.actual = std::move(peer.report->actual);
  }
}

}  // namespace

std::vector<api::Node> ClusterView::remembered(const api::Desired& saved) const {
  const auto registry = parts_.registry.state();
  std::vector<api::Node> nodes;
  const auto add = [&](api::Node node) {
    if (const auto member = registry->members.find(node.id); member != registry->members.end()) {
      node.voter = member->second.voter;
      node.up = member->second.reachable;
    }
    node.state = "ready";
    node.leader = node.id == registry->leader_id;
    nodes.push_back(std::move(node));
  };
  api::Node self;
  self.id = own_.id;
  self.name = own_.name;
  self.mesh_ip = own_.mesh_ip;
  self.version = own_.version;
  self.last_seen = format_rfc3339(parts_.clock.wall_now());
  if (const auto report = parts_.report.last()) {
    self.actual = report->actual;
  }
  add(std::move(self));
  nodes.front().up = true;
  for (const api::Desired::Peer& peer : saved.peers) {
    api::Node node;
    node.id = peer.id;
    node.name = peer.name;
    node.mesh_ip = peer.mesh_ip;
    node.wg_public_key = peer.wg_public_key;
    node.endpoints = peer.endpoints;
    node.ipfs_peer = peer_id_in(saved.ipfs_peers, peer.id);
    node.ipfs_cluster_peer = peer_id_in(saved.ipfs_cluster_peers, peer.id);
    add(std::move(node));
  }
  return nodes;
}

std::vector<api::Node> ClusterView::nodes() const {
  const auto state = parts_.membership.state();
  const auto registry = parts_.registry.state();
  const auto saved = state->cluster || parts_.membership.touch()->in_touch
                         ? std::nullopt
                         : parts_.desired.current();
  if (saved) {
    return remembered(*saved);
  }
  std::vector<api::Node> nodes;
  for (const NodeRow& row : state->nodes) {
    api::Node node = node_of(row);
    node.leader = row.id == registry->leader_id;
    if (row.id == own_.id) {
      node.up = true;  // it answers this very request
      node.version = own_.version;
      node.last_seen = format_rfc3339(parts_.clock.wall_now());
      if (const auto report = parts_.report.last()) {
        node.actual = report->actual;
      }
    } else {
      add_peer(parts_.peers.of(row.id), node);
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

std::vector<std::pair<std::string, std::chrono::duration<double>>> ClusterView::last_seen() const {
  std::vector<std::pair<std::string, std::chrono::duration<double>>> ages;
  const auto state = parts_.membership.state();
  const SteadyTime now = parts_.clock.steady_now();
  for (const NodeRow& row : state->nodes) {
    const std::optional<SteadyTime> seen =
        row.id == own_.id ? std::optional(now) : parts_.peers.of(row.id).last_seen_steady;
    if (row.is_member() && seen) {
      ages.emplace_back(row.id, now - *seen);
    }
  }
  return ages;
}

void ClusterView::count_nodes(const MembershipState& state, api::AdminStatus& status) const {
  if (!state.cluster) {
    for (const api::Node& node : nodes()) {
      ++status.nodes_total;
      status.nodes_up += node.up ? 1 : 0;
    }
    return;
  }
  for (const NodeRow& node : state.nodes) {
    if (node.is_member()) {
      ++status.nodes_total;
      status.nodes_up += node.id == own_.id || parts_.peers.is_up(node.id) ? 1 : 0;
    }
  }
}

api::AdminStatus ClusterView::status() const {
  const auto state = parts_.membership.state();
  const auto registry = parts_.registry.state();
  api::AdminStatus status;
  status.cluster = state->cluster;
  status.node.id = own_.id;
  status.node.name = own_.name;
  status.node.mesh_ip = own_.mesh_ip;
  const int majority = registry->voters / 2 + 1;
  status.registry.leader_id = registry->leader_id;
  status.registry.voters = registry->voters;
  status.registry.voters_up = registry->voters_up;
  status.registry.quorum = !registry->leader_id.empty() && registry->voters_up >= majority;
  status.registry.tolerates = std::max(0, registry->voters_up - majority);
  for (const auto& [id, member] : registry->members) {
    if (member.voter && !member.reachable) {
      status.registry.silent.push_back(id);
    }
  }
  status.registry.applied_index = registry->applied_index;
  status.registry.staleness_seconds = parts_.membership.staleness().count();
  count_nodes(*state, status);
  for (const SecretMark& mark : state->rotations) {
    const NodeRow* node = state->find(mark.node_id);
    status.rotate.push_back({mark.name, node != nullptr ? node->name : mark.node_id,
                             format_rfc3339(from_unix_ms(mark.marked_at_ms))});
  }
  status.missing = missing();
  return status;
}

std::vector<std::string> ClusterView::missing() const {
  std::vector<std::string> missing;
  const auto touch = parts_.membership.touch();
  const auto state = parts_.membership.state();
  if (!touch->in_touch) {
    missing.push_back("registry: " + touch->trouble);
  } else if (!state->cluster) {
    missing.push_back(
        "cluster: the registry holds none, this node belongs to " + own_.cluster_id +
        (parts_.desired.current() ? " and was part of it before: its data is gone" : ""));
  } else if (state->cluster->id != own_.cluster_id) {
    missing.push_back("cluster: the registry holds " + state->cluster->id +
                      ", this node belongs to " + own_.cluster_id);
  } else if (!derive_desired(*state, own_.id)) {
    missing.push_back("cluster: the registry does not hold this node (" + own_.id + ")");
  }
  if (!own_.development) {
    const auto report = parts_.report.last();
    const auto now = parts_.clock.steady_now();
    if (!report || now - report->at_steady > kReportFresh) {
      missing.emplace_back("agent: no report from orama-agent.service" +
                           std::string(report ? " since " + format_rfc3339(report->at) : " yet"));
    }
  }
  return missing;
}

bool ClusterView::desired_is_current() const {
  const auto state = parts_.membership.state();
  return parts_.membership.touch()->in_touch && state->cluster &&
         state->cluster->id == own_.cluster_id && derive_desired(*state, own_.id).has_value();
}

bool ClusterView::is_certificate_name(std::string_view domain) const {
  if (domain == own_.domain) {
    return true;
  }
  const auto state = parts_.membership.state();
  if (!state->cluster || parts_.membership.staleness() > kNamesTrusted) {
    return false;
  }
  const std::string& base = state->cluster->base_domain;
  return std::any_of(state->nodes.begin(), state->nodes.end(), [&](const NodeRow& node) {
    return node.state == "ready" && domain == node.name + "." + base;
  });
}

}  // namespace orama::gateway::cluster
