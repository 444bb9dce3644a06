// node.json: who this node is, as `orama install` wrote it (join.md 1). Holds no secret; every
// program on the host may read it. It outranks what the registry or the gateway says about this
// node (architecture.md 13).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::api {

struct NodeFile {
  static constexpr int kVersion = 1;

  std::string id;
  std::string name;
  std::vector<std::string> roles;  // "nameserver", "relay"
  mesh::Cidr mesh_cidr;
  mesh::IpAddress mesh_ip;  // a host address of mesh_cidr
  std::string domain;
  std::string base_domain;
  std::string cluster_id;
  std::vector<mesh::IpAddress> public_addresses;
  bool founded = false;  // adminClusterCreate succeeded here
  bool member = false;   // a join was confirmed here
  bool operator==(const NodeFile&) const = default;

  nlohmann::json to_json() const;
  // The text of the file, two spaces deep, with a line end.
  std::string to_text() const;
  // invalid_argument that names the first wrong field. A mesh range inside 127.0.0.0/8
  // (development) passes.
  static Result<NodeFile> from_json(const nlohmann::json& json);
  static Result<NodeFile> from_text(std::string_view text);
};

}  // namespace orama::api
