#include "installers/registry_guard.h"

#include <string>
#include <utility>

#include "common/api/node_file.h"
#include "common/result.h"
#include "installers/host/files.h"
#include "installers/paths.h"

namespace orama::installers {

Result<void> registry_guard(Files& files) {
  TRY(text, files.read(paths::kNodeJson));
  auto node = api::NodeFile::from_text(text);
  if (!node.ok()) {
    return std::move(node).while_doing(std::string("reading ") + paths::kNodeJson).error();
  }
  if (!node->founded && !node->member) {
    return {};  // about to found its cluster, or not that far yet
  }
  // What makes a folder of RQLite's a member's is the Raft log; the rest is rebuilt from it.
  const std::string log = std::string(paths::kRqliteData) + "/raft.db";
  TRY(status, files.status(log));
  if (status) {
    return {};
  }
  TRY(join, files.status(paths::kRqliteJoinEnv));
  if (join) {
    return {};
  }
  return make_error(
      Errc::conflict,
      "the registry's data is gone: " + log + " is missing, but this node " +
          (node->founded ? "founded" : "is a member of") + " the cluster " + node->cluster_id +
          " (" + paths::kNodeJson +
          "). Started empty, the registry would found a second cluster, so it is not started",
      std::string("restore ") + paths::kRqliteData +
          " from a backup and `systemctl restart orama-rqlite`, or give "
          "the cluster up for good: `orama uninstall --purge`, then `orama install`");
}

}  // namespace orama::installers
