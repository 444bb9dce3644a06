// The registry: RQLite on the mesh address, its static unit fed by an environment file.
#pragma once

#include "installers/node_spec.h"
#include "installers/step.h"

namespace orama::installers {

Step registry_step(const NodeSpec& spec);

}  // namespace orama::installers
