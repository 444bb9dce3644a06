// Keeps this node's Kubo connected to the members': what it learns at run time it forgets at its
// end, and its configuration has it only from the next start on (engines/prepare.h). Adds peerings
// of members that it is not connected to, takes those of removed ones away. Looks every 2 s. One
// thread.
#pragma once

#include <string>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/host/host.h"

namespace orama::installers {

class StorageKeeper {
 public:
  explicit StorageKeeper(Host& host) : host_(host) {}

  Result<void> follow(const api::Desired& desired);

 private:
  Host& host_;
  SteadyTime looked_{};
};

}  // namespace orama::installers
