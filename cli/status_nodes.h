// What `orama status` says of the cluster's nodes: a row each, what is wrong with one, and what the
// cluster can still lose. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/status_facts.h"
#include "cli/status_report.h"
#include "common/api/status.h"

namespace orama::cli {

// One row a node that is or was about to be a member; none in a cluster of one.
std::vector<StatusReport::Row> node_rows(const StatusFacts& facts);

// "; the cluster of 3 nodes can lose 1 of its 3 registry voters", or "" when it is not known.
std::string can_lose(const StatusFacts& facts);

// Too few voters of the registry are up, as far as this node's own registry can tell.
struct QuorumLost {
  std::string what;               // for the headline
  std::vector<std::string> next;  // whom to bring back, and the last resort
};
std::optional<QuorumLost> quorum_lost(const StatusFacts& facts);

// "leader", "voter" or "non-voter" of the registry.
std::string registry_role(const api::Node& node);

// The name of the node with this id, as people know it.
std::string node_name(const StatusFacts& facts, const std::string& id);

}  // namespace orama::cli
