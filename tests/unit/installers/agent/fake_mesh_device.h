// A WireGuard device in memory: remembers what it was told, in order. Not thread-safe but for the
// agent's use, where each call is short and guarded.
#pragma once

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"

namespace orama::tests {

class FakeMeshDevice final : public installers::MeshDevice {
 public:
  Result<installers::MeshDeviceState> read() override {
    const std::scoped_lock lock(mutex_);
    if (gone_) {
      return make_error(Errc::unreachable, "the device is gone");
    }
    return state_;
  }

  Result<void> set_identity(const crypto::Secret& private_key, int listen_port) override {
    const std::scoped_lock lock(mutex_);
    TRY(pair, crypto::x25519_from_private(private_key));
    state_.public_key = pair.public_key;
    state_.listen_port = listen_port;
    ++identities;
    return {};
  }

  Result<void> change_peers(const std::vector<installers::MeshPeerChange>& changes) override {
    using Action = installers::MeshPeerChange::Action;
    const std::scoped_lock lock(mutex_);
    for (const auto& change : changes) {
      applied.push_back(change);
      auto peer = std::find_if(state_.peers.begin(), state_.peers.end(),
                               [&](const auto& p) { return p.public_key == change.public_key; });
      if (change.action == Action::remove) {
        if (peer != state_.peers.end()) {
          state_.peers.erase(peer);
        }
        continue;
      }
      if (peer == state_.peers.end()) {
        state_.peers.push_back({change.public_key, {}, "", {}, 0, 0});
        peer = state_.peers.end() - 1;
      }
      if (change.action == Action::set) {
        peer->mesh_ip = change.mesh_ip;
      }
      if (!change.endpoint.empty()) {
        peer->endpoint = change.endpoint;
      }
    }
    return {};
  }

  // What the end of wireguard-go does: all that was set is lost.
  void restart() {
    const std::scoped_lock lock(mutex_);
    state_ = {};
  }
  void set_gone(bool gone) {
    const std::scoped_lock lock(mutex_);
    gone_ = gone;
  }
  installers::MeshDeviceState state() const {
    const std::scoped_lock lock(mutex_);
    return state_;
  }
  void add_peer(installers::MeshPeer peer) { state_.peers.push_back(std::move(peer)); }

  int identities = 0;
  std::vector<installers::MeshPeerChange> applied;

 private:
  mutable std::mutex mutex_;
  installers::MeshDeviceState state_;
  bool gone_ = false;
};

}  // namespace orama::tests
