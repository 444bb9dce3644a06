// The first peers of a node that joins: the agent's saved desired state, written from the cluster's
// answer before the agent's first start, as there is no gateway yet that could tell it. A set that
// the agent saved itself is never touched.
#pragma once

#include <memory>

#include "installers/change.h"
#include "installers/node_spec.h"

namespace orama::installers {

std::unique_ptr<Change> saved_peers(const NodeSpec& spec);

}  // namespace orama::installers
