// The whole API as one table: the rows of every slice, gathered (http-api.md 8).
#pragma once

#include "gateway/cluster/join_routes.h"
#include "gateway/cluster/node_routes.h"
#include "gateway/cluster/routes.h"
#include "gateway/health/routes.h"
#include "gateway/http/route.h"
#include "gateway/metrics/metrics.h"

namespace orama::gateway {

http::RouteTable all_routes(const health::RouteParts& health, cluster::RouteParts& cluster,
                            cluster::JoinRouteParts& join, cluster::NodeRouteParts& nodes,
                            const metrics::Metrics& metrics);

}  // namespace orama::gateway
