// The private network: who this node is on it, the interface orama0 (wireguard-go in user space;
// kernels' own WireGuard gets its back end with the join) and the agent that sets it up and keeps
// it.
#pragma once

#include "installers/node_spec.h"
#include "installers/step.h"

namespace orama::installers {

Step mesh_step(const NodeSpec& spec);

}  // namespace orama::installers
