// Takes nodes that an operator removed off the registry's member list. The gateway only names them;
// each is taken off once the registry itself says `removed` to the agent. Every member's agent does
// it, and once is as good as ten times. Used by one thread.
#pragma once

#include <set>
#include <string>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/host/host.h"

namespace orama::installers {

class RemovedNodes {
 public:
  explicit RemovedNodes(Host& host) : host_(host) {}

  // Looks when somebody was removed that is not known to be off the list, every 2 s at most.
  Result<void> follow(const api::Desired& desired);

 private:
  Host& host_;
  SteadyTime looked_{};
  std::set<std::string> off_the_list_;
};

}  // namespace orama::installers
