// Whether the ports that a node listens on are free.
#pragma once

#include <vector>

#include "installers/node_spec.h"
#include "installers/preflight/preflight.h"

namespace orama::installers {

Finding check_ports(CheckContext& context);

// The TCP ports that a node listens on at its mesh address.
std::vector<int> mesh_ports(const NodeSpec& spec);

}  // namespace orama::installers
