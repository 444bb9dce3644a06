#include "gateway/routes.h"

#include "gateway/cluster/join_routes.h"
#include "gateway/cluster/node_routes.h"
#include "gateway/cluster/routes.h"
#include "gateway/health/routes.h"
#include "gateway/http/route.h"
#include "gateway/metrics/metrics.h"
#include "gateway/metrics/routes.h"

namespace orama::gateway {

http::RouteTable all_routes(const health::RouteParts& health, cluster::RouteParts& cluster,
                            cluster::JoinRouteParts& join, cluster::NodeRouteParts& nodes,
                            const metrics::Metrics& metrics) {
  http::RouteTable routes;
  health::add_routes(routes, health);
  metrics::add_routes(routes, metrics);
  cluster::add_routes(routes, cluster);
  cluster::add_join_routes(routes, join);
  cluster::add_node_routes(routes, nodes);
  return routes;
}

}  // namespace orama::gateway
