// Waits until the engines of this node answer and see the members that can be reached, so that
// those work as one from the confirmation on.
#pragma once

#include <memory>

#include "installers/change.h"
#include "installers/steps/node_sources.h"

namespace orama::installers {

std::unique_ptr<Change> engines_are_members(const NodeSources& sources);

}  // namespace orama::installers
