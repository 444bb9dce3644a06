// What an operator does to a node: remove it, or change its name, endpoints or say in the registry
// (join.md, Membership after that; http-api.md 20). One transaction each. Stateless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/join_key.h"

namespace orama::gateway::cluster {

// Member → removed: its keys are refused for good, open invitations are revoked, voters are chosen
// anew, joiners seal to the new join key, and the shared secrets that the node had are marked. A
// key without text: a member that stays makes it (join_key_sweep.h), for a node that leaves by
// itself must not know it. Again: ok, and changes nothing. not_found.
Awaitable<Result<void>> remove_node(backends::Registry* registry, std::string node_id,
                                    SealedJoinKey new_key, std::int64_t now_ms);

// Ready → leaving, and the voters are chosen without it. Again: ok. not_found: no member of that
// id.
Awaitable<Result<void>> begin_leaving(backends::Registry* registry, std::string node_id,
                                      std::int64_t now_ms);

struct NodeUpdate {
  std::optional<std::string> name;
  std::optional<std::vector<std::string>> endpoints;
  std::optional<std::vector<std::string>> roles;
  std::optional<std::string> voter;  // "auto", "always", "never"
};
// not_found: no member of that id. conflict: the name is taken.
Awaitable<Result<void>> update_node(backends::Registry* registry, std::string node_id,
                                    NodeUpdate update, std::int64_t now_ms);

// A member's endpoints, while they are still `before`: of racing gateways one wins. False: another
// was faster, or they changed in between.
Awaitable<Result<bool>> move_endpoints(backends::Registry* registry, std::string node_id,
                                       std::vector<std::string> before,
                                       std::vector<std::string> after, std::int64_t now_ms);

}  // namespace orama::gateway::cluster
