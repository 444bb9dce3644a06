#include "installers/rqlite_guard.h"

#include <string>
#include <utility>

#include "common/api/node_file.h"
#include "common/result.h"
#include "installers/host/files.h"
#include "installers/paths.h"
#include "installers/rqlite_engine.h"

namespace orama::installers {

Result<void> rqlite_guard(Files& files, const RqliteEngine& engine) {
  TRY(text, files.read(paths::kNodeJson));
  auto node = api::NodeFile::from_text(text);
  if (!node.ok()) {
    return std::move(node).while_doing(std::string("reading ") + paths::kNodeJson).error();
  }
  if (!node->founded && !node->member) {
    return {};  // about to found its cluster, or not that far yet
  }
  // What makes a folder of RQLite's a member's is the Raft log; the rest is rebuilt from it.
  const std::string log = std::string(engine.data) + "/raft.db";
  TRY(status, files.status(log));
  if (status) {
    return {};
  }
  TRY(join, files.status(engine.join_file));
  if (join) {
    return {};
  }
  return make_error(Errc::conflict,
                    "the data of " + std::string(engine.name) + " is gone: " + log +
                        " is missing, but this node " +
                        (node->founded ? "founded" : "is a member of") + " the cluster " +
                        node->cluster_id + " (" + paths::kNodeJson +
                        "). Started empty, it would found a second cluster, so it is not started",
                    std::string("restore ") + engine.data +
                        " from a backup and `systemctl restart " + engine.unit +
                        "`, or give "
                        "the cluster up for good: `orama uninstall --purge`, then `orama install`");
}

}  // namespace orama::installers
