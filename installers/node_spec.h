// What an operator asked for, checked: the input of node_plan. Kept in the receipt (no secret in
// it), so that a re-run, status and upgrade read the same spec.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::installers {

enum class TlsMode { internal, acme };

struct NodeSpec {
  std::string node_id;             // "node_" + UUIDv7; made once, kept by node.json and the receipt
  std::string cluster_id;          // "cluster_" + UUIDv7
  std::string name;                // join.md name rule
  std::string domain;              // node1.example.com
  std::string base_domain;         // example.com; also the cluster's name
  mesh::IpAddress public_address;  // --vps-ip
  mesh::Cidr mesh_cidr;
  mesh::IpAddress mesh_ip;  // genesis: host 1 of the range
  bool nameserver = false;
  bool firewall = true;  // false: --skip-firewall
  TlsMode tls = TlsMode::internal;
  std::string email;         // ACME account; "" none
  std::string acme_ca;       // directory URL; "" = Caddy's default
  std::string acme_ca_root;  // path of a PEM file given by the operator; "" none
  std::string invite;        // id of the invitation that this host joins by; "" founds a cluster

  bool joins() const { return !invite.empty(); }
  // A mesh range inside 127.0.0.0/8: all nodes on one machine, reached at no public address.
  bool development() const { return mesh_cidr.network().is_loopback(); }

  std::vector<std::string> roles() const;  // {"nameserver"} or {}
  nlohmann::json to_json() const;
  static Result<NodeSpec> from_json(const nlohmann::json& json);
};

}  // namespace orama::installers
