// What the machine is: its user, system, processor, init, device for the mesh.
#pragma once

#include "installers/preflight/preflight.h"

namespace orama::installers {

Finding check_root(CheckContext& context);
Finding check_os(CheckContext& context);
Finding check_arch(CheckContext& context);
Finding check_systemd(CheckContext& context);
Finding check_wireguard(CheckContext& context);

}  // namespace orama::installers
