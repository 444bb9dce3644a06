// The gauges of /metrics that are read from the services when somebody looks (http-api.md 9.3).
#pragma once

#include "gateway/cluster/cluster_view.h"
#include "gateway/cluster/membership.h"
#include "gateway/health/probes.h"
#include "gateway/metrics/metrics.h"

namespace orama::gateway {

// All of them must outlive the last rendering.
void add_gauges(metrics::Metrics& metrics, const cluster::Membership& membership,
                const cluster::ClusterView& view, const health::Probes& probes);

}  // namespace orama::gateway
