// Keeps this node's Olric in the cluster's: what Olric does not do by itself (engines-storage.md
// 2).
// - Members that a partition left apart never find each other again. Whoever stands in the smaller
//   part restarts its own; of equal parts the one with the lower mesh address stays.
// - The quorum is a value of start time: where the number of members asks for another one, it is
//   restarted, on one node after another (a lock in the registry).
// Looks every 2 s at this Olric and, where a member is not in its view, at that one. One thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/engines/olric.h"
#include "installers/host/host.h"

namespace orama::installers {

class CacheKeeper {
 public:
  CacheKeeper(Host& host, CacheLook look) : host_(host), look_(std::move(look)) {}

  Result<void> follow(const api::Desired& desired);

 private:
  Result<void> follow_quorum(const api::Desired& desired);
  Result<void> restart(const api::Desired& desired);
  bool is_apart(const api::Desired& desired, const CacheView& own) const;

  Host& host_;
  const CacheLook look_;
  SteadyTime looked_{};
  SteadyTime apart_since_{};  // zero: it is not
  SteadyTime restarted_{};
};

// Mesh addresses in the order of their numbers. Which of two parts of a split cluster goes on:
// true when the members `ours` must give way to `theirs`.
bool gives_way(const std::set<std::string>& ours, const std::set<std::string>& theirs);

}  // namespace orama::installers
