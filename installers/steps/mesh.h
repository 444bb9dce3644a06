// The private network: who this node is on it, the interface orama0 (the kernel's
// WireGuard or wireguard-go: its unit finds out at each start, agent/mesh_back_end.h) and the agent
// that sets it up and keeps it.
#pragma once

#include "installers/node_spec.h"
#include "installers/step.h"

namespace orama::installers {

Step mesh_step(const NodeSpec& spec);

}  // namespace orama::installers
