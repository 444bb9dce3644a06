// What steps read besides the NodeSpec: where this orama keeps its templates, and figures of the
// machine. Set by the composition root (cli).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "installers/engines/olric.h"
#include "installers/host/path_mtu.h"
#include "installers/paths.h"
#include "installers/steps/cluster_link.h"
#include "installers/steps/join_call.h"

namespace orama::installers {

struct NodeSources {
  std::string share = paths::kShare;  // holds templates/ and sysusers.conf
  // Where the gateway listens on this host alone.
  std::string local_listen = "127.0.0.1:" + std::to_string(paths::kGatewayPort);
  unsigned cores = 1;  // the gateway runs a thread a core, each with its own listeners
  std::shared_ptr<const JoinOrder> join = {};  // of a host that asks to join; null: not asked now
  std::shared_ptr<ClusterLink> link = {};      // to the members; null: nothing is asked of them
  // Where the mesh device reaches the peer of that key (base64), "203.0.113.11:51820"; nothing
  // before its first handshake. May be empty.
  std::function<std::optional<std::string>(const std::string& wg_public_key)> tunnel_endpoint = {};
  CacheLook cache = {};                     // how members of the cache are asked; empty: over TCP
  std::shared_ptr<PathProber> prober = {};  // null: no path is measured
  std::function<void(const std::string&)> notice = {};  // a line for the operator; may be empty
};

}  // namespace orama::installers
