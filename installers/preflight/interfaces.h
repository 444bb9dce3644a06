// Addresses and routes of this host, from `ip -j`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::installers {

struct InterfaceAddress {
  std::string interface;
  mesh::IpAddress address;
  int prefix = 0;
};

struct Route {
  std::string interface;  // "" for unreachable and the like
  mesh::Cidr destination;
};

// Text of `ip -j addr` and `ip -j -4 route`; entries without an address, IPv6 routes and the
// default route are left out.
Result<std::vector<InterfaceAddress>> parse_addresses(std::string_view json);
Result<std::vector<Route>> parse_routes(std::string_view json);

Result<std::vector<InterfaceAddress>> interface_addresses(CommandRunner& commands);
Result<std::vector<Route>> ipv4_routes(CommandRunner& commands);

// The range that an IPv4 address with a prefix lies in.
Result<mesh::Cidr> range_of(const mesh::IpAddress& address, int prefix);

}  // namespace orama::installers
