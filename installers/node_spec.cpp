#include "installers/node_spec.h"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::installers {

std::vector<std::string> NodeSpec::roles() const {
  return nameserver ? std::vector<std::string>{"nameserver"} : std::vector<std::string>{};
}

nlohmann::json NodeSpec::to_json() const {
  return {{"node_id", node_id},
          {"cluster_id", cluster_id},
          {"name", name},
          {"domain", domain},
          {"base_domain", base_domain},
          {"public_address", public_address.to_string()},
          {"mesh_cidr", mesh_cidr.to_string()},
          {"mesh_ip", mesh_ip.to_string()},
          {"nameserver", nameserver},
          {"firewall", firewall},
          {"tls", tls == TlsMode::acme ? "acme" : "internal"},
          {"email", email},
          {"acme_ca", acme_ca},
          {"acme_ca_root", acme_ca_root},
          {"invite", invite}};
}

Result<NodeSpec> NodeSpec::from_json(const nlohmann::json& json) {
  try {
    NodeSpec spec;
    spec.node_id = json.at("node_id").get<std::string>();
    spec.cluster_id = json.at("cluster_id").get<std::string>();
    spec.name = json.at("name").get<std::string>();
    spec.domain = json.at("domain").get<std::string>();
    spec.base_domain = json.at("base_domain").get<std::string>();
    TRY(public_address, mesh::IpAddress::parse(json.at("public_address").get<std::string>()));
    spec.public_address = public_address;
    TRY(mesh_cidr, mesh::Cidr::parse_mesh(json.at("mesh_cidr").get<std::string>(),
                                          mesh::Cidr::Use::development));
    spec.mesh_cidr = mesh_cidr;
    TRY(mesh_ip, mesh::IpAddress::parse(json.at("mesh_ip").get<std::string>()));
    spec.mesh_ip = mesh_ip;
    spec.nameserver = json.at("nameserver").get<bool>();
    spec.firewall = json.at("firewall").get<bool>();
    spec.tls = json.at("tls").get<std::string>() == "acme" ? TlsMode::acme : TlsMode::internal;
    spec.email = json.at("email").get<std::string>();
    spec.acme_ca = json.at("acme_ca").get<std::string>();
    spec.acme_ca_root = json.at("acme_ca_root").get<std::string>();
    spec.invite = json.value("invite", "");  // a record of 0.1.0 has none
    return spec;
  } catch (const nlohmann::json::exception& error) {
    return make_error(
        Errc::invalid_argument,
        std::string("the saved description of this node cannot be read: ") + error.what());
  }
}

}  // namespace orama::installers
