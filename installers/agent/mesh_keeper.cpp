#include "installers/agent/mesh_keeper.h"

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/api/desired.h"
#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/agent/desired_rules.h"
#include "installers/agent/mesh_device.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/host/mesh_interface.h"
#include "installers/host/path_mtu.h"
#include "installers/paths.h"

namespace orama::installers {

MeshKeeper::MeshKeeper(Host& host, MeshDevice& device, InterfaceIndex index, MeshIdentity self,
                       crypto::Secret private_key, api::Desired saved)
    : host_(host),
      device_(device),
      index_(std::move(index)),
      self_(std::move(self)),
      private_key_(std::move(private_key)),
      wanted_(std::move(saved)) {}

Result<bool> MeshKeeper::keep() {
  const std::lock_guard lock(mutex_);
  const unsigned index = index_();
  if (index != 0 && index == configured_index_ && saved_mesh_mtu(host_.files) == path_mtu_) {
    return false;
  }
  configured_index_ = 0;
  if (index == 0) {
    return make_error(Errc::unreachable,
                      std::string("there is no interface ") + paths::kMeshInterface,
                      std::string("systemctl status ") + paths::kWireguardUnit);
  }
  return converge_locked(wanted_);
}

Result<bool> MeshKeeper::converge() {
  const std::lock_guard lock(mutex_);
  uplink_mtu_.reset();
  return converge_locked(wanted_);
}

Result<bool> MeshKeeper::converge_locked(const api::Desired& before) {
  // Read first: an interface that comes and goes meanwhile is seen as another one by the next
  // keep().
  const unsigned index = index_();
  TRY(state, device_.read());
  bool changed = false;
  if (state.public_key != self_.public_key || state.listen_port != paths::kWireguardPort) {
    TRY_VOID(device_.set_identity(private_key_, paths::kWireguardPort));
    changed = true;
  }
  const std::vector<MeshPeerChange> changes = mesh_peer_changes(state, before, wanted_);
  if (!changes.empty()) {
    TRY_VOID(device_.change_peers(changes));
    changed = true;
  }
  if (!uplink_mtu_) {
    // Four processes: not while traffic waits for a new interface. converge() looks anew.
    TRY(mtu, mesh_mtu(host_.commands));
    uplink_mtu_ = mtu;
  }
  path_mtu_ = saved_mesh_mtu(host_.files);
  const int mtu = smaller_mtu(*uplink_mtu_, path_mtu_);
  TRY(set, apply_mesh_interface(host_.commands, paths::kMeshInterface,
                                {self_.mesh_ip, self_.mesh_cidr.prefix(), mtu}));
  configured_index_ = index;
  return changed || set;
}

Result<void> MeshKeeper::take_over(const api::Desired& next, const std::string& path) {
  const std::lock_guard lock(mutex_);
  TRY(accepted, accept_desired(self_, wanted_, next));
  // Saved first: what the device has after a power cut is nothing, and what is saved is set at the
  // next boot.
  TRY_VOID(host_.files.write(path, accepted.to_json().dump(2) + "\n", {0644, "root", "root"}));
  const api::Desired before = std::exchange(wanted_, std::move(accepted));
  if (const auto applied = converge_locked(before); !applied.ok()) {
    configured_index_ = 0;  // keep() tries again
    return applied.error();
  }
  return {};
}

api::Desired MeshKeeper::applied() const {
  const std::lock_guard lock(mutex_);
  return wanted_;
}

}  // namespace orama::installers
