// What changes in a member's row: its name, endpoints, roles and say in the registry, which are an
// operator's, and the peer ids of its engines, which it tells itself (join.md, Membership after
// that; http-api.md 20). One transaction each. Stateless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {

struct NodeUpdate {
  std::optional<std::string> name;
  std::optional<std::vector<std::string>> endpoints;
  std::optional<std::vector<std::string>> roles;
  std::optional<std::string> voter;  // "auto", "always", "never"
  // libp2p peer ids, told once: a node keeps its own for ever.
  std::optional<std::string> ipfs_peer, ipfs_cluster_peer;
};
// False: it asks for nothing, or for peer ids that stand there already, and nothing was written.
// not_found: no member of that id. conflict: the name or a peer id is another node's, or this node
// has told another peer id before.
Awaitable<Result<bool>> update_node(backends::Registry* registry, std::string node_id,
                                    NodeUpdate update, std::int64_t now_ms);

// A member's endpoints, while they are still `before`: of racing gateways one wins. False: another
// was faster, or they changed in between.
Awaitable<Result<bool>> move_endpoints(backends::Registry* registry, std::string node_id,
                                       std::vector<std::string> before,
                                       std::vector<std::string> after, std::int64_t now_ms);

}  // namespace orama::gateway::cluster
