// What the slice's handlers and the status page say about the cluster, put together from what is
// kept in memory. Holds references to parts that outlive it; safe from any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/api/desired.h"
#include "common/api/status.h"
#include "common/clock.h"
#include "gateway/cluster/desired_board.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/node_report.h"
#include "gateway/cluster/peer_reports.h"
#include "gateway/cluster/registry_watch.h"

namespace orama::gateway::cluster {

// This node, as its configuration names it.
struct OwnNode {
  std::string id, name, mesh_ip, domain;
  std::string cluster_id, cluster_name;
  std::string version;
  bool development = false;  // one machine, no agent
};

class ClusterView {
 public:
  struct Parts {
    const Membership& membership;
    const DesiredBoard& desired;
    const NodeReport& report;
    const PeerReports& peers;
    const RegistryWatch& registry;
    const Clock& clock;
  };
  ClusterView(OwnNode own, Parts parts) : own_(std::move(own)), parts_(parts) {}

  const OwnNode& own() const { return own_; }
  // By id. As long as the registry was not read since this process started: the members of the last
  // saved desired state, up where the registry's engine reaches theirs.
  std::vector<api::Node> nodes() const;
  // Per member: how long ago it was heard last, by the steady clock; those never heard are left
  // out.
  std::vector<std::pair<std::string, std::chrono::duration<double>>> last_seen() const;
  // Cluster, node, registry, nodes; the rest of the document is the caller's.
  api::AdminStatus status() const;
  // Sentences: what keeps this node from being whole, as far as the cluster goes.
  std::vector<std::string> missing() const;
  // The registry is in reach and holds what this node's desired state was made of.
  bool desired_is_current() const;
  // Whether a certificate may be had for this name (http-api.md 19, tlsCheck). `domain` is
  // normalised.
  bool is_certificate_name(std::string_view domain) const;

 private:
  std::vector<api::Node> remembered(const api::Desired& saved) const;
  void count_nodes(const MembershipState& state, api::AdminStatus& status) const;

  OwnNode own_;
  Parts parts_;
};

}  // namespace orama::gateway::cluster
