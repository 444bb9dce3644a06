// System users of the services, by systemd-sysusers, and the folders of a node with owner and mode.
#pragma once

#include <string>
#include <vector>

#include "installers/change.h"
#include "installers/step.h"
#include "installers/steps/node_sources.h"

namespace orama::installers {

Step users_step(const NodeSources& sources);
std::vector<std::string> service_users();

// Kind "users": revert removes the users that orama made, only with purge and when nothing of
// theirs is left.
ChangeKind users_kind();

}  // namespace orama::installers
