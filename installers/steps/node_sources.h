// What steps read besides the NodeSpec: where this orama keeps its templates, and figures of the
// machine. Set by the composition root (cli).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "installers/paths.h"
#include "installers/steps/cluster_link.h"
#include "installers/steps/join_call.h"

namespace orama::installers {

struct NodeSources {
  std::string share = paths::kShare;  // holds templates/ and sysusers.conf
  unsigned cores = 1;  // the gateway runs a thread a core, each with its own listeners
  std::shared_ptr<const JoinOrder> join = {};  // of a host that asks to join; null: not asked now
  std::shared_ptr<ClusterLink> link = {};      // to the members; null: nothing is asked of them
  // Whether the mesh device had a handshake with the peer of that key (base64); may be empty.
  std::function<bool(const std::string& wg_public_key)> had_handshake = {};
  std::function<void(const std::string&)> notice = {};  // a line for the operator; may be empty
};

}  // namespace orama::installers
