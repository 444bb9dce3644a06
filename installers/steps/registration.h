// What the cluster is told of where this node is reached and what it serves (its row in the
// registry). A note beside the receipt says it, so that a run whose flags changed it tells the
// cluster, and one that did not leaves alone what an operator set since (`orama node set-address`).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "installers/change.h"
#include "installers/node_spec.h"

namespace orama::installers {

// "203.0.113.11:51820"; none of a development node.
std::vector<std::string> public_endpoints(const NodeSpec& spec);

// Updates the row, through this node's own gateway, when the note says otherwise. After the node is
// in its cluster.
std::unique_ptr<Change> registration(const NodeSpec& spec);

// Kind "registration": the note goes, the row stays with the cluster.
ChangeKind registration_kind();

}  // namespace orama::installers
