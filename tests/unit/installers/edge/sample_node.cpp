#include "tests/unit/installers/edge/sample_node.h"

#include <string>

#include <doctest/doctest.h>

#include "common/mesh/ip_address.h"
#include "installers/node_spec.h"
#include "tests/support/fake_host.h"
#include "tests/support/source_file.h"

namespace orama::tests {

installers::NodeSpec sample_node() {
  installers::NodeSpec spec;
  spec.node_id = "node_0192f0c1-2a3b-7c4d-8e5f-0123456789ab";
  spec.cluster_id = "cluster_0192f0c1-2a3b-7c4d-8e5f-0123456789ac";
  spec.name = "node1";
  spec.domain = "node1.example.com";
  spec.base_domain = "example.com";
  spec.public_address = *mesh::IpAddress::parse("203.0.113.11");
  spec.mesh_cidr = *mesh::Cidr::parse("10.0.0.0/24");
  spec.mesh_ip = spec.mesh_cidr.host(1);
  return spec;
}

void add_caddy_templates(FakeFiles& files) {
  for (const std::string name : {"options.caddyfile", "sites.caddyfile", "caddy.service.conf"}) {
    files.put(std::string(kShare) + "/templates/caddy/" + name,
              source_file("templates/caddy/" + name));
  }
}

}  // namespace orama::tests
