// Where the host stands in the network: its public address, its name, the ranges it uses already.
#pragma once

#include "installers/preflight/preflight.h"

namespace orama::installers {

Finding check_public_address(CheckContext& context);
Finding check_domain(CheckContext& context);
Finding check_mesh_range(CheckContext& context);

}  // namespace orama::installers
