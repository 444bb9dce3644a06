// One node of the development cluster brought into being: the same plan that an install applies, on
// a host that is a folder (installers/dev). The first founds the cluster, each other one joins it
// by an invitation of the first. What an interrupted run began is gone on with.
#pragma once

#include <cstddef>

#include "cli/dev/dev_layout.h"
#include "cli/session.h"
#include "common/result.h"

namespace orama::cli {

// Makes node `number`, or finds that it is as it should be. True when there was something to do.
Result<bool> apply_dev_node(Session& session, const DevLayout& layout, std::size_t number);

// Whether an earlier run came to the node's end.
Result<bool> is_finished(Session& session, const DevLayout& layout, std::size_t number);

}  // namespace orama::cli
