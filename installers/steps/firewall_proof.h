// Proof that the host can still be reached by SSH with the firewall on: for each address family
// with an SSH session open now, else for each in which sshd listens on a public address, either a
// new connection from a network namespace (firewall_probe.h) or, where a rule bound to a source or
// an interface makes that say nothing, a new connection from another host seen within 30 s.
#pragma once

#include <string_view>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/host.h"
#include "installers/steps/firewall_banner.h"
#include "installers/steps/firewall_ssh.h"

namespace orama::installers {

struct ProofTarget {
  mesh::IpAddress address;  // of this host
  int port = 0;
};

// Global addresses in `ip -j addr`, in order, without those of `orama0` and the probe.
std::vector<mesh::IpAddress> parse_host_addresses(std::string_view json);

// At most one per family. `public_address` stands in for a host behind NAT, which has no public one
// itself.
std::vector<ProofTarget> proof_targets(const SshSurvey& survey,
                                       const std::vector<mesh::IpAddress>& host_addresses,
                                       const mesh::IpAddress& public_address);

// UFW is on. Success, or Errc::pending with every family that was not proven and why.
Result<void> prove_reachable(Host& host, BannerReader& reader, const SshSurvey& survey,
                             const mesh::IpAddress& public_address);

}  // namespace orama::installers
