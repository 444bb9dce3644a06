// What orama-rqlite.service asks before each start: may rqlited start on this folder? An empty one
// on a node whose cluster stands would found a second cluster in silence. Looks only.
#pragma once

#include "common/result.h"
#include "installers/host/files.h"

namespace orama::installers {

// With the join file (registry_join.h) an empty folder is what is wanted.
// conflict, saying what was lost and what can be done, when it must not start.
Result<void> registry_guard(Files& files);

}  // namespace orama::installers
