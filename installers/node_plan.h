// The one readable list of what a node is: its steps in the order of an install (join.md), those of
// a joining node among them, and every kind of change that they are made of. Install, --plan,
// status and uninstall read it.
#pragma once

#include <string>
#include <vector>

#include "common/result.h"
#include "installers/change.h"
#include "installers/node_spec.h"
#include "installers/step.h"
#include "installers/steps/node_sources.h"

namespace orama::installers {

// invalid_argument when `spec` cannot be a node (no id).
Result<std::vector<Step>> node_steps(const NodeSpec& spec, const NodeSources& sources);

// The beginning of the same list: what a host that joins can do before it knows which node it is.
std::vector<Step> redeem_steps(const std::string& invite, const NodeSources& sources);

std::vector<ChangeKind> change_kinds();

}  // namespace orama::installers
