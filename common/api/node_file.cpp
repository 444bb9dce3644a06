#include "common/api/node_file.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/api/fields.h"
#include "common/json.h"
#include "common/mesh/ip_address.h"
#include "common/mesh/names.h"
#include "common/result.h"

namespace orama::api {

namespace {

using nlohmann::json;

constexpr std::size_t kShort = 64;
constexpr std::size_t kLong = 256;
constexpr std::size_t kMaxItems = 8;

// A text field that `parse` turns into a value; its complaint is put under the field's name.
template <class T>
Result<T> read_as(const Fields& fields, std::string_view key,
                  Result<T> (*parse)(std::string_view)) {
  TRY(text, fields.text(key, kLong));
  auto value = parse(text);
  if (!value.ok()) {
    return field_error(key, value.error().message);
  }
  return value;
}

template <class T>
Result<std::vector<T>> read_list_as(const Fields& fields, std::string_view key,
                                    Result<T> (*parse)(std::string_view)) {
  TRY(texts, fields.texts(key, kMaxItems, kShort));
  std::vector<T> values;
  for (const std::string& text : texts) {
    auto value = parse(text);
    if (!value.ok()) {
      return field_error(key, value.error().message);
    }
    values.push_back(std::move(value).value());
  }
  return values;
}

// A host address: neither the range's own nor its broadcast address.
bool is_host_of(const mesh::Cidr& range, const mesh::IpAddress& address) {
  return range.contains(address) && address != range.network() &&
         address.v4() - range.network().v4() <= range.host_count();
}

Result<mesh::Cidr> parse_any_mesh(std::string_view text) {
  return mesh::Cidr::parse_mesh(text, mesh::Cidr::Use::development);
}

}  // namespace

json NodeFile::to_json() const {
  json addresses = json::array();
  for (const mesh::IpAddress& address : public_addresses) {
    addresses.push_back(address.to_string());
  }
  return {{"version", kVersion},
          {"id", id},
          {"name", name},
          {"roles", roles},
          {"mesh_cidr", mesh_cidr.to_string()},
          {"mesh_ip", mesh_ip.to_string()},
          {"domain", domain},
          {"base_domain", base_domain},
          {"cluster_id", cluster_id},
          {"public_addresses", std::move(addresses)},
          {"founded", founded},
          {"member", member}};
}

std::string NodeFile::to_text() const {
  return to_json().dump(2) + "\n";
}

Result<NodeFile> NodeFile::from_json(const json& json) {
  const Fields fields(json);
  TRY(version, fields.integer("version", 1));
  if (version != kVersion) {
    return field_error("version", "found " + std::to_string(version) +
                                      ", expected 1: the file is of another release of orama");
  }
  NodeFile node;
  TRY(id, read_as(fields, "id", &mesh::parse_id));
  TRY(name, read_as(fields, "name", &mesh::parse_node_name));
  TRY(roles, read_list_as(fields, "roles", &mesh::parse_role));
  TRY(mesh_cidr, read_as(fields, "mesh_cidr", &parse_any_mesh));
  TRY(mesh_ip, read_as(fields, "mesh_ip", &mesh::IpAddress::parse));
  if (!is_host_of(mesh_cidr, mesh_ip)) {
    return field_error("mesh_ip", "found " + mesh_ip.to_string() + ", expected a host address of " +
                                      mesh_cidr.to_string());
  }
  TRY(domain, read_as(fields, "domain", &mesh::parse_domain));
  TRY(base_domain, read_as(fields, "base_domain", &mesh::parse_domain));
  TRY(cluster_id, read_as(fields, "cluster_id", &mesh::parse_id));
  TRY(addresses, read_list_as(fields, "public_addresses", &mesh::IpAddress::parse));
  TRY(founded, fields.boolean("founded"));
  TRY(member, fields.boolean("member"));
  node.id = std::move(id);
  node.name = std::move(name);
  node.roles = std::move(roles);
  node.mesh_cidr = mesh_cidr;
  node.mesh_ip = mesh_ip;
  node.domain = std::move(domain);
  node.base_domain = std::move(base_domain);
  node.cluster_id = std::move(cluster_id);
  node.public_addresses = std::move(addresses);
  node.founded = founded;
  node.member = member;
  return node;
}

Result<NodeFile> NodeFile::from_text(std::string_view text) {
  TRY(json, parse_json(text));
  return from_json(json);
}

}  // namespace orama::api
