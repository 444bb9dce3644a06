// What the steps of the registry and of a database have in common: how rqlited joins the members',
// and when it is ready.
#pragma once

#include <memory>
#include <string>

#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"
#include "installers/rqlite_engine.h"

namespace orama::installers {

// What the unit would refuse (rqlite_guard.h), told before it is started, in its own words.
Result<void> rqlite_data_is_there(Host& host, const RqliteEngine& engine);

// `engine` must outlive the change: the constants of rqlite_engine.h do.
std::unique_ptr<Change> rqlite_join(const RqliteEngine& engine, std::string node_id);
std::unique_ptr<Change> rqlite_answers(const RqliteEngine& engine, const std::string& mesh_ip);

}  // namespace orama::installers
