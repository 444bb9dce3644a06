// Peers in the structs of WireGuard's embeddable library (wireguard.h of Debian's wireguard-tools),
// as the kernel is told of them and as it answers. Pure functions and one owner of memory.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "common/result.h"
#include "installers/agent/mesh_device.h"

extern "C" {
#include <wireguard.h>  // IWYU pragma: export
}

namespace orama::installers {

// The linked lists of one request, and the memory behind them. Lives as long as the library reads
// it.
class NetlinkPeers {
 public:
  // `known`: keys that the device has. The library cannot say "only if it is there", so what
  // changes the endpoint of an unknown peer, or removes one, is left out. invalid_argument as
  // uapi_peers_request.
  static Result<NetlinkPeers> make(const std::vector<MeshPeerChange>& changes,
                                   const std::set<std::string>& known);

  bool empty() const { return peers_.empty(); }
  // `device` names them until this object goes.
  void attach_to(wg_device& device);

 private:
  Result<void> add(const MeshPeerChange& change);

  // Both have their final capacity from the start: pointers into them stay good.
  std::vector<wg_peer> peers_;
  std::vector<wg_allowedip> addresses_;
};

// Public values only; the caller wipes and frees `device`.
MeshDeviceState state_of(const wg_device& device);

}  // namespace orama::installers
