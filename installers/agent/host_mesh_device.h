// The device behind orama0, whichever back end made it: each call goes to the kernel's and, where
// that is not there, to wireguard-go's. Nothing is remembered, so a change of back end
// (mesh_back_end.h) is followed with the next call. Safe from several threads.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"
#include "installers/agent/netlink_device.h"
#include "installers/agent/uapi_device.h"

namespace orama::installers {

class HostMeshDevice final : public MeshDevice {
 public:
  HostMeshDevice()
      : HostMeshDevice(std::make_unique<NetlinkDevice>(), std::make_unique<UapiDevice>()) {}
  HostMeshDevice(std::unique_ptr<MeshDevice> kernel, std::unique_ptr<MeshDevice> user_space)
      : kernel_(std::move(kernel)), user_space_(std::move(user_space)) {}

  Result<MeshDeviceState> read() override {
    return whichever<Result<MeshDeviceState>>([](MeshDevice& device) { return device.read(); });
  }
  Result<void> set_identity(const crypto::Secret& private_key, int listen_port) override {
    return whichever<Result<void>>(
        [&](MeshDevice& device) { return device.set_identity(private_key, listen_port); });
  }
  Result<void> change_peers(const std::vector<MeshPeerChange>& changes) override {
    return whichever<Result<void>>(
        [&](MeshDevice& device) { return device.change_peers(changes); });
  }

 private:
  template <class Answer, class Call>
  Answer whichever(Call call) {
    Answer answer = call(*kernel_);
    if (!answer.ok() && answer.error().code == Errc::unreachable) {
      return call(*user_space_);
    }
    return answer;
  }

  std::unique_ptr<MeshDevice> kernel_, user_space_;
};

}  // namespace orama::installers
