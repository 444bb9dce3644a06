// The gateway: its configuration, its sockets (one listener a thread and address, held by systemd)
// and its service, which migrates the registry when it first reaches it.
#pragma once

#include "installers/node_spec.h"
#include "installers/step.h"
#include "installers/steps/node_sources.h"

namespace orama::installers {

Step gateway_step(const NodeSpec& spec, const NodeSources& sources);

}  // namespace orama::installers
