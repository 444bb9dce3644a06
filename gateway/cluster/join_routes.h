// The HTTP edge of joining: joinIdentity and join (http-api.md 19), and the admin API's invitations
// and sealed secrets (20).
#pragma once

#include <string>

#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/log.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/join.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/seal_board.h"
#include "gateway/http/route.h"

namespace orama::gateway::cluster {

// What the handlers use; it and everything in it must outlive the routes.
struct JoinRouteParts {
  backends::Registry& registry;
  Membership& membership;
  Join& join;
  SealBoard& seals;
  const Clock& clock;
  crypto::Random& random;
  Log log;
  std::string node_id;   // of this node: who made an invitation
  std::string join_url;  // "https://node1.example.com"
};

void add_join_routes(http::RouteTable& routes, JoinRouteParts& parts);

}  // namespace orama::gateway::cluster
