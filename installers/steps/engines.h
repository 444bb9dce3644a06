// The engines of a node beside its registry: the database of the namespace `default` (RQLite), the
// cache (Olric), the storage (Kubo) and its pins (IPFS Cluster). Each renders its own configuration
// when it starts (engines/prepare.h); the step says what of the host each may use, starts them
// together, and on a node that joins waits until each is a member.
#pragma once

#include <memory>

#include "installers/change.h"
#include "installers/node_spec.h"
#include "installers/step.h"
#include "installers/steps/node_sources.h"

namespace orama::installers {

Step engines_step(const NodeSpec& spec, const NodeSources& sources);

// Tells the cluster, through this node's gateway, the names of its Kubo and IPFS Cluster. The node
// must stand in the registry.
std::unique_ptr<Change> engine_ids(const NodeSpec& spec);
ChangeKind engine_ids_kind();

}  // namespace orama::installers
