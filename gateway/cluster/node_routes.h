// The HTTP edge of what an operator does to nodes: adminNodeUpdate, adminNodeRemove, adminLeave
// (http-api.md 20).
#pragma once

#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/cluster_view.h"
#include "gateway/cluster/leave.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/registry_watch.h"
#include "gateway/http/route.h"

namespace orama::gateway::cluster {

// What the handlers use; it and everything in it must outlive the routes.
struct NodeRouteParts {
  backends::Registry& registry;
  Membership& membership;
  const ClusterView& view;
  const RegistryWatch& watch;
  const Clock& clock;
  crypto::Random& random;
  Log log;
  mesh::Cidr mesh_cidr;
  Leave& leave;
  const RegistryWatch* database = nullptr;  // of the namespace `default`; null: there is none here
};

void add_node_routes(http::RouteTable& routes, NodeRouteParts& parts);

}  // namespace orama::gateway::cluster
