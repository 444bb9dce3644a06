// Where a node is reached by UDP from outside the mesh: a literal address and a port,
// "203.0.113.11:51820" or "[2001:db8::11]:51820".
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::mesh {

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  static Result<Endpoint> parse(std::string_view text);
  std::string to_string() const;
  auto operator<=>(const Endpoint&) const = default;
};

// The address rule of join.md (Exchange): what a peer claims to be reached at is never unspecified,
// loopback, link-local, multicast, broadcast or inside the mesh range.
Result<void> check_outside_mesh(const IpAddress& address, const Cidr& mesh_cidr);

}  // namespace orama::mesh
