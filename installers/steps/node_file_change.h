// node.json as two changes that never fight: who this node is, and that its cluster stands. The
// first keeps the second's field; both are converged when what is theirs is so. Another node's
// node.json is a conflict, never overwritten: its keys and its registry belong to that identity.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "common/api/node_file.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"

namespace orama::installers {

// nullopt when there is none; conflict when it cannot be read.
Result<std::optional<api::NodeFile>> read_node_file(Host& host);

api::NodeFile node_file_of(const NodeSpec& spec);  // not founded, no member

std::unique_ptr<Change> node_identity(const NodeSpec& spec);
std::unique_ptr<Change> cluster_founded();

// Sets `member`: a join was confirmed here.
Result<void> note_membership(Host& host);

// Kinds "node" (kept by uninstall, removed by purge) and "founded" (goes with the file).
std::vector<ChangeKind> node_file_kinds();

}  // namespace orama::installers
