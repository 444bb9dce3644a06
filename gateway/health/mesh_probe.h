// Whether this host has its mesh address: the interface is up and the agent has given it the
// address.
#pragma once

#include <string>

#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::gateway::health {

// not_found when no interface has the address. Needs no netlink: it binds a UDP socket to it and
// closes it.
Result<void> has_address(const mesh::IpAddress& address);

}  // namespace orama::gateway::health
