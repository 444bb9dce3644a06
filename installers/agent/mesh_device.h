// The WireGuard device behind orama0 as the agent and `orama mesh show` see it. Two back ends: the
// kernel's by netlink (netlink_device.h) and wireguard-go by its control socket (uapi_device.h);
// mesh_back_end.h makes one of them, host_mesh_device.h is whichever is there. It knows keys and
// peers only: address, MTU and link state are mesh_interface.h's. The private key goes in, never
// out.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/crypto/secret.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::installers {

// Of every peer: keeps NAT mappings open; both sides send.
inline constexpr int kMeshKeepaliveSeconds = 25;

struct MeshPeer {
  std::string public_key;                  // 32 bytes
  std::optional<mesh::IpAddress> mesh_ip;  // its one /32
  std::string endpoint;  // "203.0.113.12:51820", "[2001:db8::1]:51820"; "" unknown
  std::optional<std::chrono::seconds> last_handshake;  // since the epoch; absent: never
  std::uint64_t received_bytes = 0, sent_bytes = 0;
};

struct MeshDeviceState {
  std::string public_key;  // 32 bytes, of the private key that is set; "" none
  int listen_port = 0;
  std::vector<MeshPeer> peers;
};

struct MeshPeerChange {
  enum class Action { set, set_endpoint, remove } action = Action::set;
  std::string public_key;                  // 32 bytes
  std::optional<mesh::IpAddress> mesh_ip;  // set: replaces what the peer may send
  std::string endpoint;  // literal address and port; "" leaves what the device knows
};

class MeshDevice {
 public:
  virtual ~MeshDevice() = default;
  // unreachable when there is no device.
  virtual Result<MeshDeviceState> read() = 0;
  virtual Result<void> set_identity(const crypto::Secret& private_key, int listen_port) = 0;
  // All or none are sent; on an error some may be applied. Peers that are not named stay as they
  // are.
  virtual Result<void> change_peers(const std::vector<MeshPeerChange>& changes) = 0;
};

}  // namespace orama::installers
