// This node's desired state for its agent: derived from the membership, kept in memory and, for a
// start without registry, in a file; handed to whoever waits for a newer version. Readers and
// waiters: any io thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/api/desired.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/cluster/membership.h"

namespace orama::gateway::cluster {

// Absent while the state does not hold this node: a registry that lost its rows changes no node.
std::optional<api::Desired> derive_desired(const MembershipState& state,
                                           const std::string& node_id);

class DesiredBoard {
 public:
  // `path`: the saved copy; it is read here. A copy that cannot be read is logged and not used.
  DesiredBoard(std::string path, const Log& log);

  std::optional<api::Desired> current() const;
  // Gives it a version above the last one's, at least its own, and wakes the waiters. False:
  // nothing but the version differs.
  bool publish(api::Desired desired);
  // Writes the present copy to the file; blocks.
  Result<void> save() const;

  // The desired state above `since` as soon as there is one; absent after `hold` or after close().
  // Cancellable.
  Awaitable<std::optional<api::Desired>> wait_above(std::int64_t since,
                                                    std::chrono::milliseconds hold);
  // No more waiting: for the end of the process.
  void close();

 private:
  struct Waiter;
  void wake();

  std::string path_;
  mutable std::mutex mutex_;
  std::optional<api::Desired> desired_;
  std::vector<std::weak_ptr<Waiter>> waiters_;
  bool closed_ = false;
};

}  // namespace orama::gateway::cluster
