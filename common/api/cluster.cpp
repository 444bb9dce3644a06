#include "common/api/cluster.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/api/fields.h"
#include "common/mesh/endpoint.h"
#include "common/mesh/ip_address.h"
#include "common/mesh/names.h"
#include "common/result.h"

namespace orama::api {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxName = 253;
constexpr std::size_t kMaxRoles = 8;

// A field whose text another function parses; its message becomes the reason.
template <class T>
Result<T> parsed(const Fields& fields, std::string_view key, Result<T> result) {
  if (!result.ok()) {
    return fields.wrong(key, "another value: " + result.error().message);
  }
  return result;
}

Result<std::string> read_id(const Fields& fields, std::string_view key) {
  TRY(id, fields.text(key, 64));
  if (!is_id(id)) {
    return fields.wrong(key, "1 to 64 of A-Z a-z 0-9 _ -");
  }
  return id;
}

Result<mesh::Cidr> read_mesh_cidr(const Fields& fields, mesh::Cidr::Use use) {
  TRY(text, fields.text("mesh_cidr", 32));
  return parsed(fields, "mesh_cidr", mesh::Cidr::parse_mesh(text, use));
}

Result<std::string> read_node_key(const Fields& fields) {
  TRY(text, fields.text("node_key", 64));
  TRY_VOID(parsed(fields, "node_key", mesh::parse_node_key(text)));
  return text;
}

Result<std::vector<std::string>> read_roles(const Fields& fields) {
  TRY(roles, fields.texts("roles", kMaxRoles, 32));
  for (const std::string& role : roles) {
    TRY_VOID(parsed(fields, "roles", mesh::parse_role(role)));
  }
  return roles;
}

Result<GenesisNode> read_node(const Fields& fields, const mesh::Cidr& mesh_cidr) {
  GenesisNode node;
  TRY(id, read_id(fields, "id"));
  TRY(name, fields.text("name", 63));
  TRY(checked_name, parsed(fields, "name", mesh::parse_node_name(name)));
  TRY(mesh_ip, fields.text("mesh_ip", 64));
  TRY(address, parsed(fields, "mesh_ip", mesh::IpAddress::parse(mesh_ip)));
  const bool usable = mesh_cidr.contains(address) && address != mesh_cidr.network() &&
                      address.v4() - mesh_cidr.network().v4() <= mesh_cidr.host_count();
  if (!usable) {
    return fields.wrong("mesh_ip", "a host address inside " + mesh_cidr.to_string());
  }
  TRY(wg_public_key, fields.text("wg_public_key", 64));
  TRY_VOID(parsed(fields, "wg_public_key", mesh::parse_wireguard_key(wg_public_key)));
  TRY(node_key, read_node_key(fields));
  TRY(endpoints, fields.texts("endpoints", kMaxEndpoints, 300));
  for (const std::string& endpoint : endpoints) {
    if (auto good = check_endpoint(endpoint, mesh_cidr); !good.ok()) {
      return fields.wrong("endpoints", "another value: " + good.error().message);
    }
  }
  TRY(roles, read_roles(fields));
  node.id = std::move(id);
  node.name = std::move(checked_name);
  node.mesh_ip = address;
  node.wg_public_key = std::move(wg_public_key);
  node.node_key = std::move(node_key);
  node.endpoints = std::move(endpoints);
  node.roles = std::move(roles);
  return node;
}

}  // namespace

bool is_id(std::string_view text) {
  return mesh::parse_id(text).ok();
}

Result<void> check_endpoint(std::string_view endpoint, const mesh::Cidr& mesh_cidr) {
  TRY(parsed_endpoint, mesh::Endpoint::parse(endpoint));
  return mesh::check_outside_mesh(parsed_endpoint.address, mesh_cidr);
}

json ClusterCreate::to_json() const {
  return {{"id", id},
          {"name", name},
          {"base_domain", base_domain},
          {"mesh_cidr", mesh_cidr.to_string()},
          {"node",
           {{"id", node.id},
            {"name", node.name},
            {"mesh_ip", node.mesh_ip.to_string()},
            {"wg_public_key", node.wg_public_key},
            {"node_key", node.node_key},
            {"endpoints", node.endpoints},
            {"roles", node.roles}}}};
}

Result<ClusterCreate> ClusterCreate::from_json(const json& json, mesh::Cidr::Use use) {
  const Fields fields(json);
  ClusterCreate create;
  TRY(id, read_id(fields, "id"));
  TRY(name, fields.text("name", kMaxName));
  TRY(base_domain, fields.text("base_domain", kMaxName));
  TRY(checked_domain, parsed(fields, "base_domain", mesh::parse_domain(base_domain)));
  TRY(mesh_cidr, read_mesh_cidr(fields, use));
  TRY(node_fields, fields.object("node"));
  TRY(node, read_node(node_fields, mesh_cidr));
  create.id = std::move(id);
  create.name = std::move(name);
  create.base_domain = std::move(checked_domain);
  create.mesh_cidr = mesh_cidr;
  create.node = std::move(node);
  return create;
}

json ClusterInfo::to_json() const {
  return {{"id", id},
          {"name", name},
          {"base_domain", base_domain},
          {"mesh_cidr", mesh_cidr.to_string()},
          {"generation", generation}};
}

Result<ClusterInfo> ClusterInfo::from_json(const json& json) {
  const Fields fields(json);
  ClusterInfo info;
  TRY(id, read_id(fields, "id"));
  TRY(name, fields.text("name", kMaxName));
  TRY(base_domain, fields.text("base_domain", kMaxName));
  TRY(mesh_cidr, read_mesh_cidr(fields, mesh::Cidr::Use::development));
  TRY(generation, fields.integer("generation", 0));
  info.id = std::move(id);
  info.name = std::move(name);
  info.base_domain = std::move(base_domain);
  info.mesh_cidr = mesh_cidr;
  info.generation = generation;
  return info;
}

}  // namespace orama::api
