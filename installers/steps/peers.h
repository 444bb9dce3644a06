// Proof that the mesh carries both ways, before any engine is installed: a connection to every
// member of the cluster's answer. A member that is down is named and no obstacle; when none
// answers, the direction that is blocked is found out by repeating the join call (join.md, step 2).
// Changes nothing.
#pragma once

#include "installers/step.h"
#include "installers/steps/node_sources.h"

namespace orama::installers {

Step peers_step(const NodeSources& sources);

}  // namespace orama::installers
