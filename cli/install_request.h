// What the flags of `orama install` ask for: each value parsed into its type, every problem
// reported at once. Looks at nothing but the words; what the host and an earlier install add is
// install_spec.h's.
#pragma once

#include <chrono>
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
  std::optional<std::string> join;   // URL of a member: join its cluster instead of founding one
  std::optional<std::string> token;  // as given; join_token_source.h reads it
  std::chrono::milliseconds timeout{60000};  // for an answer of the cluster
};

// Whether ORAMA_TOKEN may stand in for --token.
enum class EnvironmentToken { absent, present };

// invalid_argument with one line a problem.
Result<InstallRequest> parse_install_request(
    const Arguments& arguments, EnvironmentToken environment = EnvironmentToken::absent);

}  // namespace orama::cli
