// PathProber by ICMP and ICMPv6 echo on a raw socket, which needs root. What the kernel has learnt
// of a path is left aside (IP_PMTUDISC_PROBE, ip(7)), so that each answer is the path's own. Waits
// half a second for an answer. Safe from any thread: a socket a call.
#pragma once

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/path_mtu.h"

namespace orama::installers {

class EchoProber final : public PathProber {
 public:
  Result<bool> answers(const mesh::IpAddress& address, int bytes) override;
};

}  // namespace orama::installers
