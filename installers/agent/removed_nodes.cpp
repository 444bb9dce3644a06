#include "installers/agent/removed_nodes.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/host/host.h"
#include "installers/local_rqlite.h"
#include "installers/rqlite_engine.h"

namespace orama::installers {
namespace {

constexpr std::chrono::seconds kLookInterval{2};

Result<bool> is_removed(LocalRqlite& registry, const std::string& id) {
  TRY(rows, registry.query("SELECT state FROM nodes WHERE id=?", {id}));
  return rows.size() == 1 && rows.front().size() == 1 &&
         (rows.front().front() == "removed" || rows.front().front() == "released");
}

}  // namespace

Result<void> RemovedNodes::follow(const api::Desired& desired) {
  const SteadyTime now = host_.clock.steady_now();
  std::set<std::string> still_named;  // a released node may come back, and be released again
  for (const api::Desired::Removed& node : desired.removed) {
    if (off_the_list_.contains(node.id)) {
      still_named.insert(node.id);
    }
  }
  off_the_list_ = std::move(still_named);
  const bool somebody = std::any_of(
      desired.removed.begin(), desired.removed.end(),
      [this](const api::Desired::Removed& node) { return !off_the_list_.contains(node.id); });
  if (!somebody || desired.stale || desired.self.state != "ready" ||
      (looked_ != SteadyTime{} && now - looked_ < kLookInterval)) {
    return {};
  }
  looked_ = now;
  LocalRqlite registry(host_, kRegistry, desired.self.mesh_ip);
  LocalRqlite rqlite(host_, engine_, desired.self.mesh_ip);
  TRY(members, rqlite.nodes());
  for (const api::Desired::Removed& node : desired.removed) {
    if (!members.contains(node.id)) {
      off_the_list_.insert(node.id);
      continue;
    }
    TRY(removed, is_removed(registry, node.id));
    if (!removed) {
      return make_error(Errc::not_allowed,
                        "the gateway says that " + node.id + " was removed, the registry does not");
    }
    TRY_VOID(rqlite.remove(node.id, desired.self.mesh_ip)
                 .while_doing("taking " + node.id + " off the member list of " + engine_.name));
  }
  return {};
}

}  // namespace orama::installers
