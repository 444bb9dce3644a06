// What the ways to the members carry, before anything large is sent over them: the MTU that orama0
// gets by it is measured, saved for the agent's later boots, and waited for on the interface.
#pragma once

#include "installers/step.h"
#include "installers/steps/node_sources.h"

namespace orama::installers {

Step path_mtu_step(const NodeSources& sources);

}  // namespace orama::installers
