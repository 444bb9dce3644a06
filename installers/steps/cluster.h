// Founding the cluster: one call to this node's gateway, then a note in node.json. From there on an
// empty registry folder is refused (agent/rqlite_guard.h).
#pragma once

#include "installers/change.h"
#include "installers/node_spec.h"
#include "installers/step.h"

namespace orama::installers {

Step cluster_step(const NodeSpec& spec);

// Kind "cluster": a founded cluster lives in the registry's data and goes with it.
ChangeKind cluster_kind();

}  // namespace orama::installers
