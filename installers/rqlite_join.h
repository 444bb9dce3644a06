// How rqlited is told to join the others: an environment file that orama-rqlite.service reads,
// there only until the node stands in the registry's member list. With it an empty data folder is
// what is wanted; without it rqlited starts on the data that it has (engines-rqlite.md 5).
#pragma once

#include <string>
#include <vector>

#include "common/result.h"
#include "installers/host/files.h"

namespace orama::installers {

enum class RqliteRole { voter, non_voter };

// The file's text. `members` are Raft addresses, "10.0.0.1:7001", this node's own not among them.
Result<std::string> rqlite_join_text(RqliteRole role, const std::vector<std::string>& members);

}  // namespace orama::installers
