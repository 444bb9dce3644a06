// What the steps of the registry and of a database have in common: how rqlited joins the members',
// and when it is ready.
#pragma once

#include <memory>
#include <string>

#include "installers/change.h"
#include "installers/rqlite_engine.h"

namespace orama::installers {

// `engine` must outlive the change: the constants of rqlite_engine.h do.
std::unique_ptr<Change> rqlite_join(const RqliteEngine& engine, std::string node_id);
std::unique_ptr<Change> rqlite_answers(const RqliteEngine& engine, const std::string& mesh_ip);

}  // namespace orama::installers
