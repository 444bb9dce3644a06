// What the units of rqlited ask before each start: may it start on this folder? An empty one
// on a node whose cluster stands would found a second cluster in silence. Looks only.
#pragma once

#include "common/result.h"
#include "installers/host/files.h"
#include "installers/rqlite_engine.h"

namespace orama::installers {

// With the join file (rqlite_join.h) an empty folder is what is wanted.
// conflict, saying what was lost and what can be done, when it must not start.
Result<void> rqlite_guard(Files& files, const RqliteEngine& engine);

}  // namespace orama::installers
