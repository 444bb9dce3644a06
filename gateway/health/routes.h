// Health, liveness, readiness, status and version (http-api.md 9): all answered from memory.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "common/api/status.h"
#include "common/build_info.h"
#include "common/clock.h"
#include "gateway/health/engine_answers.h"
#include "gateway/health/probes.h"
#include "gateway/http/route.h"

namespace orama::gateway::health {

// What networkStatus says of this node and its neighbours (http-api.md 16.1).
struct NetworkFacts {
  std::string node_id;
  std::int64_t peers_up = 0;
  std::int64_t nodes = 0;  // of the cluster, this one included
  std::int64_t database_bytes = 0;
  EngineIdentity ipfs, ipfs_cluster;
};

// What the handlers use; it and everything in it must outlive the routes.
struct RouteParts {
  const Probes& probes;
  const Clock& clock;
  BuildInfo build;
  WallTime started_at;
  SteadyTime started;
  std::function<NetworkFacts()> network;
  std::function<bool()> registry_ready;  // its schema stands and it was read
  std::function<bool()> leaving;         // the node leaves its cluster, or has left it
  std::atomic<bool> shutting_down{false};
};

// Adds checks, what is missing of the engines, version and times.
void complete(const RouteParts& parts, api::AdminStatus& status);

void add_routes(http::RouteTable& routes, const RouteParts& parts);

}  // namespace orama::gateway::health
