// Founding a cluster (join.md, Genesis): one transaction, all or nothing, and safe to repeat. The
// very same request finds its own work done; another one is refused.
#pragma once

#include <cstdint>

#include "common/api/cluster.h"
#include "common/clock.h"
#include "common/result.h"
#include "gateway/backends/registry.h"

namespace orama::gateway::cluster {

enum class Founding : std::uint8_t { created, stood_already };

// conflict when the registry holds another cluster or any node; else the registry's errors.
Awaitable<Result<Founding>> create_cluster(backends::Registry* registry, api::ClusterCreate request,
                                           WallTime now);

}  // namespace orama::gateway::cluster
