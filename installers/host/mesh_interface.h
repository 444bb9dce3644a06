// The network side of orama0: address, MTU and link state, by ip(8). Only IPv4 runs inside the
// mesh. Looks first and changes only what differs. Stateless; safe from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::installers {

struct MeshInterfaceState {
  bool present = false, up = false;
  std::string kind;  // as ip names it: "wireguard", "tun"; "" not said
  int mtu = 0;
  std::vector<std::string> addresses;  // "10.0.0.1/24"
};

struct MeshInterfaceWanted {
  mesh::IpAddress address;
  int prefix = 24;
  int mtu = 1420;
};

Result<MeshInterfaceState> read_mesh_interface(CommandRunner& commands, const std::string& name);
// True when something was changed. not_found when there is no such interface.
Result<bool> apply_mesh_interface(CommandRunner& commands, const std::string& name,
                                  const MeshInterfaceWanted& wanted);

// The smallest MTU of the interfaces that default routes leave by, less WireGuard's 80 bytes; at
// least kSmallestMeshMtu; 1420 when there is no default route.
Result<int> mesh_mtu(CommandRunner& commands);

// Parsers of ip's JSON, for tests.
Result<MeshInterfaceState> parse_ip_address_json(std::string_view text);
Result<std::vector<std::string>> parse_default_route_devices(std::string_view text);

}  // namespace orama::installers
