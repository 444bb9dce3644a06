// Whether the ports that a node listens on are free.
#pragma once

#include "installers/preflight/preflight.h"

namespace orama::installers {

Finding check_ports(CheckContext& context);

}  // namespace orama::installers
