// GET /metrics, for callers on loopback and in the mesh.
#pragma once

#include "gateway/http/route.h"
#include "gateway/metrics/metrics.h"

namespace orama::gateway::metrics {

void add_routes(http::RouteTable& routes, const Metrics& metrics);

}  // namespace orama::gateway::metrics
