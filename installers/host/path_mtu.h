// What a path to a member carries, and the MTU that orama0 gets by it (join.md, "After the answer",
// step 2). Measured by the install with echo requests that routers may not split, which counts a
// path that swallows large packets silently; saved beside node.json, where the agent reads it at
// every boot. Stateless; safe from any thread.
#pragma once

#include <optional>
#include <string>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/files.h"

namespace orama::installers {

// Passes, wrapped by WireGuard, every path that IPv6's smallest links allow.
inline constexpr int kSmallestMeshMtu = 1200;

// The outside world of a measurement; echo_prober.h has the real one.
class PathProber {
 public:
  virtual ~PathProber() = default;
  // Whether an ICMP echo request of `bytes`, IP header included, that may not be split was
  // answered. An error: it could not be asked (no permission, no such family).
  virtual Result<bool> answers(const mesh::IpAddress& address, int bytes) = 0;
};

// Bytes that WireGuard adds to a packet on the way to that address: 60 over IPv4, 80 over IPv6.
int wireguard_overhead(const mesh::IpAddress& address);

// The largest mesh MTU, from kSmallestMeshMtu to `most`, whose packets pass to that address whole.
// kSmallestMeshMtu where no echo is answered: ICMP may be dropped there, and nothing is known.
Result<int> measure_mesh_mtu(PathProber& prober, const mesh::IpAddress& address, int most);

// What was saved: nothing when nothing was. A file that cannot be read or says nonsense counts as
// kSmallestMeshMtu, which works on every path.
std::optional<int> saved_mesh_mtu(Files& files);
Result<void> save_mesh_mtu(Files& files, int mtu);

// The uplink's figure (mesh_interface.h) and what was saved: the smaller one.
int smaller_mtu(int by_uplink, std::optional<int> saved);

}  // namespace orama::installers
