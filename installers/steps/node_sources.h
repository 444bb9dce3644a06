// What steps read besides the NodeSpec: where this orama keeps its templates, and figures of the
// machine. Set by the composition root (cli).
#pragma once

#include <memory>
#include <string>

#include "installers/paths.h"
#include "installers/steps/join_call.h"

namespace orama::installers {

struct NodeSources {
  std::string share = paths::kShare;  // holds templates/ and sysusers.conf
  unsigned cores = 1;  // the gateway runs a thread a core, each with its own listeners
  std::shared_ptr<const JoinOrder> join = {};  // of a host that asks to join; null: not asked now
};

}  // namespace orama::installers
