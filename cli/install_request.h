// What the flags of `orama install` ask for: each value parsed into its type, every problem
// reported at once. Looks at nothing but the words; what the host and an earlier install add is
// install_spec.h's.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "cli/command.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/node_spec.h"

namespace orama::cli {

struct InstallRequest {
  bool detect_address = false;  // --vps-ip auto
  std::optional<mesh::IpAddress> public_address;
  std::optional<std::string> domain, base_domain, name, email, acme_ca, acme_ca_root;
  std::optional<mesh::Cidr> mesh_cidr;
  std::optional<installers::TlsMode> tls;
  std::optional<bool> nameserver;  // --nameserver, --no-nameserver
  bool skip_firewall = false;
  std::set<std::string> skip_checks;
  bool plan_only = false;
};

// invalid_argument with one line a problem.
Result<InstallRequest> parse_install_request(const Arguments& arguments);

}  // namespace orama::cli
