// Whether the engines of this node see the members that they should: those that the agent knows and
// that can be reached over the mesh now.
#pragma once

#include <string>
#include <vector>

#include "common/api/desired.h"
#include "common/result.h"
#include "installers/engines/engine_node.h"
#include "installers/engines/olric.h"
#include "installers/host/host.h"

namespace orama::installers {

using Peers = std::vector<api::Desired::Peer>;

// Those whose gateway answers, each asked once for 2 s at most.
Peers reachable_peers(HttpClient& http, const api::Desired& desired);

// Which of `peers` the engine of this node does not see. A peer that has told no id for it yet is
// left out. Errors: the engine does not answer.
using EngineView = std::function<Result<Peers>(Host&, const EngineNode&, const Peers&)>;

struct MemberEngine {
  const char* name;  // "cache (Olric)"
  const char* unit;
  EngineView unseen;
};
std::vector<MemberEngine> member_engines(const CacheLook& cache);

// "node2 (10.0.0.2), node3 (10.0.0.3)"
std::string listed(const Peers& peers);

}  // namespace orama::installers
