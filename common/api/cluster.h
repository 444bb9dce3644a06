// What founds a cluster: the body of adminClusterCreate (http-api.md 20), checked field by field
// (join.md, Exchange). Written by the installer, read by the gateway.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::api {

inline constexpr std::size_t kMaxEndpoints = 8;

struct GenesisNode {
  std::string id;
  std::string name;
  mesh::IpAddress mesh_ip;
  std::string wg_public_key;           // base64
  std::string node_key;                // base64, Ed25519
  std::vector<std::string> endpoints;  // "203.0.113.11:51820"
  std::vector<std::string> roles;      // "nameserver", "relay"
  bool operator==(const GenesisNode&) const = default;
};

struct ClusterCreate {
  std::string id;
  std::string name;
  std::string base_domain;
  mesh::Cidr mesh_cidr;
  GenesisNode node;
  bool operator==(const ClusterCreate&) const = default;

  nlohmann::json to_json() const;
  // invalid_argument that names the first wrong field ("node.mesh_ip: …").
  static Result<ClusterCreate> from_json(const nlohmann::json& json,
                                         mesh::Cidr::Use use = mesh::Cidr::Use::production);
};

struct ClusterInfo {
  std::string id;
  std::string name;
  std::string base_domain;
  mesh::Cidr mesh_cidr;
  std::int64_t generation = 1;

  nlohmann::json to_json() const;
  static Result<ClusterInfo> from_json(const nlohmann::json& json);
};

// An id of a node or a cluster: 1–64 of A-Z a-z 0-9 _ -.
bool is_id(std::string_view text);

// A literal endpoint under join.md's address rule: never loopback, link-local or inside the mesh
// range.
Result<void> check_endpoint(std::string_view endpoint, const mesh::Cidr& mesh_cidr);

}  // namespace orama::api
