// Takes nodes that an operator removed off the member list of one rqlite cluster. The gateway only
// names them; each is taken off once the registry itself says `removed` to the agent. Every
// member's agent does it, and once is as good as ten times. Used by one thread.
#pragma once

#include <set>
#include <string>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/host/host.h"
#include "installers/rqlite_engine.h"

namespace orama::installers {

class RemovedNodes {
 public:
  RemovedNodes(Host& host, const RqliteEngine& engine) : host_(host), engine_(engine) {}

  // Looks when somebody was removed that is not known to be off the list, every 2 s at most.
  Result<void> follow(const api::Desired& desired);

 private:
  Host& host_;
  const RqliteEngine& engine_;
  SteadyTime looked_{};
  std::set<std::string> off_the_list_;
};

}  // namespace orama::installers
