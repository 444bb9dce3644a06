// A valid request that founds a cluster, for the tests of this folder.
#pragma once

#include "common/api/cluster.h"
#include "common/result.h"

namespace orama::tests {

inline api::ClusterCreate founding_request() {
  auto create = api::ClusterCreate::from_json(
      {{"id", "cluster_a"},
       {"name", "example.com"},
       {"base_domain", "example.com"},
       {"mesh_cidr", "10.0.0.0/24"},
       {"node",
        {{"id", "node_a"},
         {"name", "node1"},
         {"mesh_ip", "10.0.0.1"},
         {"wg_public_key", "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08="},
         {"node_key", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
         {"endpoints", {"203.0.113.11:51820"}},
         {"roles", {"nameserver"}}}}});
  ORAMA_ASSERT(create.ok());
  return *create;
}

}  // namespace orama::tests
