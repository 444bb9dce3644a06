#include "cli/install_spec.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/install_request.h"
#include "common/crypto/random.h"
#include "common/join/messages.h"
#include "common/mesh/ip_address.h"
#include "common/mesh/names.h"
#include "common/result.h"
#include "installers/node_spec.h"
#include "installers/steps/caddy.h"

namespace orama::cli {
namespace {

using installers::NodeSpec;
using installers::TlsMode;

constexpr std::string_view kDefaultMesh = "10.0.0.0/24";

std::string yes_no(bool value) {
  return value ? "yes" : "no";
}
std::string name_of(TlsMode mode) {
  return mode == TlsMode::acme ? "acme" : "internal";
}

Error missing(const InstallRequest& request) {
  const bool address = !request.public_address && !request.detect_address;
  std::string what = address ? "--vps-ip ADDRESS" : "";
  if (!request.domain) {
    what += std::string(what.empty() ? "" : " and ") + "--domain NAME";
  }
  return make_error(Errc::invalid_argument, "a new node needs " + what,
                    "sudo orama install --vps-ip auto --domain node1.example.com");
}

Result<std::string> default_name(const std::string& host_name) {
  std::string label = host_name.substr(0, host_name.find('.'));
  std::transform(label.begin(), label.end(), label.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  Result<std::string> name = mesh::parse_node_name(label);
  if (!name.ok()) {
    return make_error(
        Errc::invalid_argument,
        "the host name `" + host_name + "` gives no node name: " + name.error().message,
        "add --name NAME");
  }
  return name;
}

// Behind NAT a joiner takes the address that the cluster saw it at.
Result<mesh::IpAddress> address_of(const InstallRequest& request, const SpecWorld& world) {
  if (request.public_address) {
    return *request.public_address;
  }
  Result<mesh::IpAddress> detected = world.detect_address();
  if (!detected.ok() && world.joined) {
    const auto observed = mesh::IpAddress::parse(world.joined->grant.observed);
    if (observed.ok()) {
      return *observed;
    }
  }
  return detected;
}

// What the cluster decides about a node that joins it; the rest is as for any node.
NodeSpec joined_spec(const InstallRequest& request, const SpecWorld& world) {
  const join::Grant& grant = world.joined->grant;
  NodeSpec spec = world.recorded.value_or(NodeSpec());
  spec.invite = world.joined->invite;
  spec.node_id = grant.node_id;
  spec.cluster_id = grant.cluster_id;
  spec.name = grant.node_name;
  spec.base_domain = grant.base_domain;
  spec.mesh_cidr = grant.mesh_cidr;
  spec.mesh_ip = grant.mesh_ip;
  if (!world.recorded && !request.domain) {
    spec.domain = grant.node_name + "." + grant.base_domain;
  }
  return spec;
}

Result<NodeSpec> new_spec(const InstallRequest& request, const SpecWorld& world) {
  if ((!request.public_address && !request.detect_address) || !request.domain) {
    return missing(request);
  }
  NodeSpec spec;
  spec.node_id = "node_" + crypto::make_uuid_v7(world.random, world.now);
  spec.cluster_id = "cluster_" + crypto::make_uuid_v7(world.random, world.now);
  TRY(name, node_name(request, world.host_name));
  spec.name = name;
  spec.base_domain = request.base_domain.value_or(mesh::parent_domain(*request.domain));
  TRY(range, request.mesh_cidr ? Result<mesh::Cidr>(*request.mesh_cidr)
                               : mesh::Cidr::parse_mesh(kDefaultMesh));
  spec.mesh_cidr = range;
  spec.mesh_ip = range.host(1);
  return spec;
}

// Name, range and base domain stand in the registry, in certificates and at other nodes.
Result<void> check_identity(const InstallRequest& request, const NodeSpec& recorded) {
  std::string differing;
  const auto compare = [&differing](const char* flag, const std::string& asked,
                                    const std::string& stands) {
    if (asked != stands) {
      differing += std::string(differing.empty() ? "" : ", ") + flag + " is " + stands +
                   " here, asked for " + asked;
    }
  };
  compare("--name", request.name.value_or(recorded.name), recorded.name);
  compare("--base-domain", request.base_domain.value_or(recorded.base_domain),
          recorded.base_domain);
  compare("--mesh-cidr", request.mesh_cidr.value_or(recorded.mesh_cidr).to_string(),
          recorded.mesh_cidr.to_string());
  if (differing.empty()) {
    return {};
  }
  return make_error(Errc::conflict,
                    "this host is a node already and its identity cannot change: " + differing,
                    "leave the flag away, or found the node anew (this deletes its keys and data): "
                    "sudo orama uninstall --purge --yes, then install");
}

void lay_over(const InstallRequest& request, NodeSpec& spec) {
  spec.domain = request.domain.value_or(spec.domain);
  spec.nameserver = request.nameserver.value_or(spec.nameserver);
  spec.firewall = spec.firewall && !request.skip_firewall;
  spec.email = request.email.value_or(spec.email);
  spec.acme_ca = request.acme_ca.value_or(spec.acme_ca);
  spec.acme_ca_root = request.acme_ca_root.value_or(spec.acme_ca_root);
  if (request.tls == TlsMode::internal) {
    spec.acme_ca.clear();
    spec.acme_ca_root.clear();
  }
}

// ACME only works where the world finds this host by the domain; a server of one's own was asked
// for.
std::string choose_tls(const InstallRequest& request, const SpecWorld& world, NodeSpec& spec) {
  if (request.tls || request.acme_ca) {
    spec.tls = request.tls.value_or(TlsMode::acme);
    return "";
  }
  if (world.recorded) {
    return "";
  }
  installers::DefaultTls chosen = world.default_tls(spec.domain, spec.public_address);
  spec.tls = chosen.mode;
  return std::move(chosen.reason);
}

std::vector<SpecDecision::Difference> compare(const NodeSpec& before, const NodeSpec& after) {
  std::vector<SpecDecision::Difference> differences;
  const auto add = [&differences](const char* field, const std::string& old_value,
                                  const std::string& new_value) {
    if (old_value != new_value) {
      differences.push_back({field, old_value.empty() ? "unset" : old_value,
                             new_value.empty() ? "unset" : new_value});
    }
  };
  add("vps-ip", before.public_address.to_string(), after.public_address.to_string());
  add("domain", before.domain, after.domain);
  add("nameserver", yes_no(before.nameserver), yes_no(after.nameserver));
  add("firewall", yes_no(before.firewall), yes_no(after.firewall));
  add("tls", name_of(before.tls), name_of(after.tls));
  add("email", before.email, after.email);
  add("acme-ca", before.acme_ca, after.acme_ca);
  add("acme-ca-root", before.acme_ca_root, after.acme_ca_root);
  return differences;
}

}  // namespace

Result<std::string> node_name(const InstallRequest& request, const std::string& host_name) {
  return request.name ? Result<std::string>(*request.name) : default_name(host_name);
}

Result<SpecDecision> decide_spec(const InstallRequest& request, const SpecWorld& world) {
  SpecDecision decision;
  if (world.joined) {
    if (world.recorded) {
      TRY_VOID(check_identity(request, *world.recorded));
    }
    decision.spec = joined_spec(request, world);
  } else if (world.recorded) {
    TRY_VOID(check_identity(request, *world.recorded));
    decision.spec = *world.recorded;
  } else {
    TRY(spec, new_spec(request, world));
    decision.spec = std::move(spec);
  }
  NodeSpec& spec = decision.spec;
  if (request.public_address || request.detect_address) {
    TRY(address, address_of(request, world));
    spec.public_address = address;
  }
  lay_over(request, spec);
  if (spec.mesh_cidr.contains(spec.public_address)) {
    return make_error(Errc::invalid_argument,
                      "the mesh range " + spec.mesh_cidr.to_string() +
                          " holds the public address " + spec.public_address.to_string(),
                      spec.joins() ? "give another address of this host with --vps-ip"
                                   : "choose another with --mesh-cidr, such as 10.87.0.0/24");
  }
  decision.tls_reason = choose_tls(request, world, spec);
  if (world.recorded) {
    decision.differences = compare(*world.recorded, spec);
  }
  return decision;
}

}  // namespace orama::cli
