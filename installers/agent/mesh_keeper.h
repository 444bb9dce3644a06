// Keeps orama0 as it should be: identity and peers on the device, address and MTU on the interface.
// Notices within one call of keep() that the interface is another one (wireguard-go's end takes it
// away with all that was set) and sets everything again. Never takes the interface down. Safe from
// several threads.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "common/api/desired.h"
#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/agent/desired_rules.h"
#include "installers/agent/mesh_device.h"
#include "installers/host/host.h"
#include "installers/host/mesh_interface.h"

namespace orama::installers {

class MeshKeeper {
 public:
  using InterfaceIndex = std::function<unsigned()>;  // of orama0; 0 when there is none

  // `saved` must have passed accept_desired.
  MeshKeeper(Host& host, MeshDevice& device, InterfaceIndex index, MeshIdentity self,
             crypto::Secret private_key, api::Desired saved);

  // Cheap while the interface is the one that was set up and the saved path MTU the one that was
  // used. True when something was set.
  Result<bool> keep();
  // Looks at everything and sets what differs: addresses changed by hand, another MTU of the
  // uplink.
  Result<bool> converge();

  // Judges, applies and saves a new set (atomically, to `path`). On an error the old one stands.
  Result<void> take_over(const api::Desired& next, const std::string& path);

  api::Desired applied() const;

 private:
  Result<bool> converge_locked(const api::Desired& before);

  Host& host_;
  MeshDevice& device_;
  InterfaceIndex index_;
  const MeshIdentity self_;
  const crypto::Secret private_key_;
  mutable std::mutex mutex_;
  api::Desired wanted_;            // guarded by mutex_
  unsigned configured_index_ = 0;  // guarded by mutex_
  std::optional<int> uplink_mtu_;  // guarded by mutex_
  std::optional<int> path_mtu_;    // guarded by mutex_; what was saved at the last look
};

}  // namespace orama::installers
