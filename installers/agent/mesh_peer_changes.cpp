// The second half of desired_rules.h: from an accepted desired state to the device.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "common/api/desired.h"
#include "common/crypto/encoding.h"
#include "common/mesh/ip_address.h"
#include "installers/agent/desired_rules.h"
#include "installers/agent/mesh_device.h"

namespace orama::installers {
namespace {

using api::Desired;

const MeshPeer* find_on_device(const MeshDeviceState& device, const std::string& key) {
  const auto found = std::find_if(device.peers.begin(), device.peers.end(),
                                  [&key](const MeshPeer& peer) { return peer.public_key == key; });
  return found == device.peers.end() ? nullptr : &*found;
}

void add_peer_change(const MeshDeviceState& device, const Desired& before,
                     const Desired::Peer& peer, std::vector<MeshPeerChange>& changes) {
  const auto key = crypto::from_base64(peer.wg_public_key);
  const auto address = mesh::IpAddress::parse(peer.mesh_ip);
  if (!key.ok() || !address.ok()) {
    return;  // not reached: accept_desired read both
  }
  const MeshPeer* present = find_on_device(device, *key);
  const auto known = std::find_if(before.peers.begin(), before.peers.end(),
                                  [&peer](const Desired::Peer& old) { return old.id == peer.id; });
  const std::string endpoint = peer.endpoints.empty() ? std::string() : peer.endpoints.front();
  if (present == nullptr || present->mesh_ip != *address) {
    changes.push_back({MeshPeerChange::Action::set, *key, *address, endpoint});
  } else if (known != before.peers.end() && known->endpoints != peer.endpoints &&
             !endpoint.empty()) {
    changes.push_back({MeshPeerChange::Action::set_endpoint, *key, *address, endpoint});
  }
}

}  // namespace

std::vector<MeshPeerChange> mesh_peer_changes(const MeshDeviceState& device, const Desired& before,
                                              const Desired& wanted) {
  std::vector<MeshPeerChange> changes;
  for (const Desired::Removed& node : wanted.removed) {
    const auto key = crypto::from_base64(node.wg_public_key);
    if (key.ok() && find_on_device(device, *key) != nullptr) {
      changes.push_back({MeshPeerChange::Action::remove, *key, std::nullopt, ""});
    }
  }
  for (const Desired::Peer& peer : wanted.peers) {
    add_peer_change(device, before, peer, changes);
  }
  return changes;
}

}  // namespace orama::installers
