#include "installers/agent/storage_keeper.h"

#include <chrono>
#include <set>
#include <string>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/engines/engine_node.h"
#include "installers/engines/kubo.h"
#include "installers/host/host.h"

namespace orama::installers {
namespace {

constexpr std::chrono::seconds kLookInterval{2};

}  // namespace

Result<void> StorageKeeper::follow(const api::Desired& desired) {
  const SteadyTime now = host_.clock.steady_now();
  const bool early = looked_ != SteadyTime{} && now - looked_ < kLookInterval;
  if (desired.self.id.empty() || early) {
    return {};
  }
  looked_ = now;
  Kubo kubo(host_.http, local_ip(desired.self.mesh_ip));
  const auto connected = kubo.connected();
  if (!connected.ok()) {
    return {};  // it is down, which its unit and the gateway's probe see to
  }
  for (const api::Desired::Peer& peer : desired.peers) {
    const auto id = desired.ipfs_peers.find(peer.id);
    if (id != desired.ipfs_peers.end() && !connected->contains(id->second)) {
      // One that cannot be reached is tried again at the next look; its own node says why.
      static_cast<void>(kubo.add_peering(id->second, peer.mesh_ip));
    }
  }
  TRY(peerings, kubo.peerings());
  std::set<std::string> members;
  for (const auto& [node, id] : desired.ipfs_peers) {
    members.insert(id);
  }
  for (const std::string& id : peerings) {
    if (!members.contains(id)) {
      TRY_VOID(kubo.remove_peering(id));
    }
  }
  return {};
}

}  // namespace orama::installers
