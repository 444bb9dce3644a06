// The mesh device of a development node: there is none, as every node answers on a loopback address
// of its own. Takes an identity and peers and says that each peer was heard just now. Safe from
// several threads; remembers nothing past its process.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"

namespace orama::installers {

class DevMeshDevice final : public MeshDevice {
 public:
  explicit DevMeshDevice(const Clock& clock) : clock_(clock) {}

  Result<MeshDeviceState> read() override;
  Result<void> set_identity(const crypto::Secret& private_key, int listen_port) override;
  Result<void> change_peers(const std::vector<MeshPeerChange>& changes) override;

 private:
  const Clock& clock_;
  std::mutex mutex_;
  MeshDeviceState state_;
};

}  // namespace orama::installers
