// The kernel's own WireGuard as a MeshDevice, by netlink. Needs CAP_NET_ADMIN, for reading too. A
// call takes as long as the kernel does; safe from several threads. `unreachable` when this kernel
// has no WireGuard or no such device, or the interface is wireguard-go's; `not_allowed` without the
// right.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"
#include "installers/paths.h"

namespace orama::installers {

class NetlinkDevice final : public MeshDevice {
 public:
  explicit NetlinkDevice(std::string interface = paths::kMeshInterface)
      : interface_(std::move(interface)) {}

  Result<MeshDeviceState> read() override;
  Result<void> set_identity(const crypto::Secret& private_key, int listen_port) override;
  Result<void> change_peers(const std::vector<MeshPeerChange>& changes) override;

 private:
  std::string interface_;
};

// What a negative answer of the library (-errno) means.
Error netlink_error(const std::string& interface, const char* what, int number);

}  // namespace orama::installers
