// From what was asked for, what an earlier install recorded and what the host says of itself to one
// complete NodeSpec. On a host with a record the flags are laid over it: fields that make up the
// node's identity stand, others may change and are named. Pure but for the questions in SpecWorld.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/install_request.h"
#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/node_spec.h"
#include "installers/steps/caddy.h"
#include "installers/steps/join_record.h"

namespace orama::cli {

struct SpecWorld {
  std::optional<installers::NodeSpec> recorded;  // by the receipt, or by node.json of kept data
  std::string host_name;
  std::function<Result<mesh::IpAddress>()> detect_address;
  std::function<installers::DefaultTls(const std::string& domain, const mesh::IpAddress& address)>
      default_tls;
  crypto::Random& random;
  WallTime now;
  std::optional<installers::JoinRecord> joined = {};  // the cluster's answer to this host
};

struct SpecDecision {
  installers::NodeSpec spec;
  struct Difference {
    std::string field, before, after;
  };
  std::vector<Difference> differences;  // against the record
  std::string tls_reason;               // why that TLS mode, when nobody asked for one; else ""
};

// --name, else the first label of the host name.
Result<std::string> node_name(const InstallRequest& request, const std::string& host_name);

// invalid_argument: a flag is missing. conflict: a flag differs from the node's identity.
Result<SpecDecision> decide_spec(const InstallRequest& request, const SpecWorld& world);

}  // namespace orama::cli
