// Writes what an engine reads at its start, right before it: its configuration from the members
// known last, and the secrets that it wants in files of its own. Run by the engine's unit as the
// engine's user, with the unit's credentials: nothing passes an argument list, the environment or a
// file that others may read. Each file whole or not at all; the same facts give the same bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "installers/host/host.h"

namespace orama::installers {

struct PrepareOptions {
  std::string credentials;  // CREDENTIALS_DIRECTORY
  std::string templates;    // the folder of engines/*.json
  std::string disk;         // a path on the file system that holds the data
};

// "database", "olric", "ipfs", "ipfs-cluster"
std::vector<std::string_view> prepared_engines();

// not_found: no such engine, or a credential is missing. conflict: the database's data is gone
// (rqlite_guard.h).
Result<void> prepare_engine(Host& host, std::string_view engine, const PrepareOptions& options);

}  // namespace orama::installers
