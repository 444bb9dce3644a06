// node.json as two changes that never fight: who this node is, and that its cluster stands. The
// first keeps the second's field; both are converged when what is theirs is so. Another node's
// node.json is a conflict, never overwritten: its keys and its registry belong to that identity.
#pragma once

#include <memory>
#include <vector>

#include "common/api/node_file.h"
#include "installers/change.h"
#include "installers/node_spec.h"

namespace orama::installers {

api::NodeFile node_file_of(const NodeSpec& spec);  // not founded, no member

std::unique_ptr<Change> node_identity(const NodeSpec& spec);
std::unique_ptr<Change> cluster_founded();

// Kinds "node" (kept by uninstall, removed by purge) and "founded" (goes with the file).
std::vector<ChangeKind> node_file_kinds();

}  // namespace orama::installers
