// The node that the steps' tests install.
#pragma once

#include "common/mesh/ip_address.h"
#include "installers/node_spec.h"
#include "installers/steps/node_sources.h"

namespace orama::tests {

inline installers::NodeSpec sample_spec() {
  installers::NodeSpec spec;
  spec.node_id = "node_0192d3f8-7a6b-7c3d-9e4f-000000000001";
  spec.cluster_id = "cluster_0192d3f8-7a6b-7c3d-9e4f-0000000000ff";
  spec.name = "node1";
  spec.domain = "node1.example.com";
  spec.base_domain = "example.com";
  spec.public_address = mesh::IpAddress::parse("203.0.113.11").value();
  spec.mesh_cidr = mesh::Cidr::parse("10.0.0.0/24").value();
  spec.mesh_ip = spec.mesh_cidr.host(1);
  return spec;
}

// Templates of the source tree, under the working directory that CMakeLists.txt sets.
inline installers::NodeSources sample_sources() {
  return {.share = "/usr/share/orama", .cores = 2};
}

}  // namespace orama::tests
