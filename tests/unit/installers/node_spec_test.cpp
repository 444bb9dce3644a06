#include "installers/node_spec.h"

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::tests {
namespace {

using installers::NodeSpec;
using installers::TlsMode;

NodeSpec sample() {
  NodeSpec spec;
  spec.node_id = "node_1";
  spec.cluster_id = "cluster_1";
  spec.name = "node1";
  spec.domain = "node1.example.com";
  spec.base_domain = "example.com";
  spec.public_address = mesh::IpAddress::parse("2001:db8::1").value();
  spec.mesh_cidr = mesh::Cidr::parse_mesh("10.9.0.0/24").value();
  spec.mesh_ip = spec.mesh_cidr.host(1);
  spec.nameserver = true;
  spec.firewall = false;
  spec.tls = TlsMode::acme;
  spec.email = "ops@example.com";
  spec.acme_ca = "https://ca.example/dir";
  spec.acme_ca_root = "/root/ca.pem";
  return spec;
}

TEST_CASE("a node's description survives the receipt") {
  const auto read = NodeSpec::from_json(nlohmann::json::parse(sample().to_json().dump()));
  REQUIRE(read.ok());
  CHECK(read->to_json() == sample().to_json());
  CHECK(read->public_address.to_string() == "2001:db8::1");
  CHECK(read->tls == TlsMode::acme);
  CHECK_FALSE(read->firewall);
  CHECK(read->roles() == std::vector<std::string>{"nameserver"});
  CHECK(NodeSpec().roles().empty());
}

TEST_CASE("each field is needed, and checked") {
  const nlohmann::json good = sample().to_json();
  for (const auto& [name, value] : good.items()) {
    CAPTURE(name);
    nlohmann::json without = good;
    without.erase(name);
    if (name == "invite") {  // not in receipts of earlier builds: those founded their clusters
      CHECK_FALSE(NodeSpec::from_json(without)->joins());
    } else {
      CHECK(NodeSpec::from_json(without).error().code == Errc::invalid_argument);
    }
    nlohmann::json other = good;
    other[name] = nlohmann::json::array();
    CHECK_FALSE(NodeSpec::from_json(other).ok());
  }
  nlohmann::json wide = good;
  wide["mesh_cidr"] = "10.0.0.0/8";
  CHECK_FALSE(NodeSpec::from_json(wide).ok());
}

}  // namespace
}  // namespace orama::tests
