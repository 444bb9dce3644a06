#include "installers/dev/dev_mesh_device.h"

#include <chrono>
#include <mutex>
#include <utility>
#include <vector>

#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"

namespace orama::installers {

Result<MeshDeviceState> DevMeshDevice::read() {
  const std::lock_guard lock(mutex_);
  MeshDeviceState state = state_;
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(clock_.wall_now().time_since_epoch());
  for (MeshPeer& peer : state.peers) {
    peer.last_handshake = now;
  }
  return state;
}

Result<void> DevMeshDevice::set_identity(const crypto::Secret& private_key, int listen_port) {
  TRY(pair, crypto::x25519_from_private(private_key));
  const std::lock_guard lock(mutex_);
  state_.public_key = pair.public_key;
  state_.listen_port = listen_port;
  return {};
}

Result<void> DevMeshDevice::change_peers(const std::vector<MeshPeerChange>& changes) {
  const std::lock_guard lock(mutex_);
  for (const MeshPeerChange& change : changes) {
    if (change.action == MeshPeerChange::Action::set_endpoint) {
      continue;  // a loopback address needs none
    }
    std::erase_if(state_.peers,
                  [&](const MeshPeer& peer) { return peer.public_key == change.public_key; });
    if (change.action == MeshPeerChange::Action::set) {
      MeshPeer peer;
      peer.public_key = change.public_key;
      peer.mesh_ip = change.mesh_ip;
      state_.peers.push_back(std::move(peer));
    }
  }
  return {};
}

}  // namespace orama::installers
