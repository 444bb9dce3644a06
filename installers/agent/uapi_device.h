// wireguard-go's control socket as a MeshDevice. One connection per call, each with a deadline and
// a size limit; safe from several threads. The socket file outlives its process: then calls give
// `unreachable`.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"
#include "installers/paths.h"

namespace orama::installers {

class UapiDevice final : public MeshDevice {
 public:
  explicit UapiDevice(std::string socket_path = paths::kWireguardSocket,
                      std::chrono::milliseconds timeout = std::chrono::seconds(2))
      : socket_path_(std::move(socket_path)), timeout_(timeout) {}

  Result<MeshDeviceState> read() override;
  Result<void> set_identity(const crypto::Secret& private_key, int listen_port) override;
  Result<void> change_peers(const std::vector<MeshPeerChange>& changes) override;

 private:
  Result<crypto::Secret> exchange(std::string_view request) const;

  std::string socket_path_;
  std::chrono::milliseconds timeout_;
};

}  // namespace orama::installers
