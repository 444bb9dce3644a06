// orama.target, enabled last: from now on a boot starts the node.
#pragma once

#include "installers/step.h"

namespace orama::installers {

Step target_step();

}  // namespace orama::installers
