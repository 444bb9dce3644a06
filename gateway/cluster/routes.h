// The HTTP edge of the cluster slice: the admin API's cluster, status, nodes, desired and actual
// (http-api.md 20), and tlsCheck (19).
#pragma once

#include <functional>

#include "common/api/desired.h"
#include "common/api/status.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/cluster_view.h"
#include "gateway/cluster/desired_board.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/node_report.h"
#include "gateway/http/route.h"

namespace orama::gateway::cluster {

// What the handlers use; it and everything in it must outlive the routes.
struct RouteParts {
  backends::Registry& registry;
  Membership& membership;
  DesiredBoard& desired;
  NodeReport& report;
  const ClusterView& view;
  const Clock& clock;
  Log log;
  mesh::Cidr mesh_cidr;                              // this node's: a cluster founded here has it
  std::function<void(api::AdminStatus&)> complete;   // adds checks, version and times
  std::function<void(const api::Actual&)> reported;  // the agent's report, for the other members
};

void add_routes(http::RouteTable& routes, RouteParts& parts);

}  // namespace orama::gateway::cluster
