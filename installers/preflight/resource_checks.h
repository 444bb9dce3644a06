// How much the machine has: memory, disk, inodes; and whether its clock is right.
#pragma once

#include "installers/preflight/preflight.h"

namespace orama::installers {

Finding check_memory(CheckContext& context);
Finding check_disk(CheckContext& context);
Finding check_inodes(CheckContext& context);
Finding check_clock(CheckContext& context);

}  // namespace orama::installers
