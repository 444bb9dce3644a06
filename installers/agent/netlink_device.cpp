#include "installers/agent/netlink_device.h"

#include <net/if.h>
#include <string.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"
#include "installers/agent/netlink_peers.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

struct FreeDevice {
  void operator()(wg_device* device) const {
    explicit_bzero(device->private_key, sizeof(device->private_key));
    wg_free_device(device);
  }
};

wg_device request_for(const std::string& interface) {
  wg_device device{};
  std::memcpy(device.name, interface.data(), std::min<std::size_t>(interface.size(), IFNAMSIZ - 1));
  return device;
}

Result<void> send(const std::string& interface, wg_device& device) {
  const int answer = wg_set_device(&device);
  if (answer != 0) {
    return netlink_error(interface, "setting", answer);
  }
  return {};
}

}  // namespace

Error netlink_error(const std::string& interface, const char* what, int number) {
  const int positive = number < 0 ? -number : number;
  // EPROTONOSUPPORT: a kernel without WireGuard; ENODEV, EOPNOTSUPP: no such device, another kind.
  const bool absent = positive == EPROTONOSUPPORT || positive == ENODEV || positive == EOPNOTSUPP;
  const bool refused = positive == EPERM || positive == EACCES;
  return make_error(
      absent    ? Errc::unreachable
      : refused ? Errc::not_allowed
                : Errc::failed,
      std::string(what) + " the kernel's WireGuard device " + interface + ": " +
          std::generic_category().message(positive),
      refused ? "run it as root" : std::string("systemctl status ") + paths::kWireguardUnit);
}

Result<MeshDeviceState> NetlinkDevice::read() {
  wg_device* found = nullptr;
  const int answer = wg_get_device(&found, interface_.c_str());
  const std::unique_ptr<wg_device, FreeDevice> device(found);
  if (answer != 0 || !device) {
    return netlink_error(interface_, "reading", answer);
  }
  return state_of(*device);
}

Result<void> NetlinkDevice::set_identity(const crypto::Secret& private_key, int listen_port) {
  const std::string_view key = private_key.reveal();
  if (key.size() != sizeof(wg_key)) {
    return make_error(Errc::invalid_argument,
                      "the mesh key has " + std::to_string(key.size()) + " bytes, expected 32");
  }
  wg_device request = request_for(interface_);
  std::memcpy(request.private_key, key.data(), sizeof(wg_key));
  request.listen_port = static_cast<std::uint16_t>(listen_port);
  request.flags = static_cast<wg_device_flags>(WGDEVICE_HAS_PRIVATE_KEY | WGDEVICE_HAS_LISTEN_PORT);
  const Result<void> sent = send(interface_, request);
  explicit_bzero(request.private_key, sizeof(request.private_key));
  return sent;
}

Result<void> NetlinkDevice::change_peers(const std::vector<MeshPeerChange>& changes) {
  if (changes.empty()) {
    return {};
  }
  TRY(state, read());
  std::set<std::string> known;
  for (const MeshPeer& peer : state.peers) {
    known.insert(peer.public_key);
  }
  TRY(peers, NetlinkPeers::make(changes, known));
  if (peers.empty()) {
    return {};
  }
  wg_device request = request_for(interface_);
  peers.attach_to(request);
  return send(interface_, request);
}

}  // namespace orama::installers
