// How a node goes: it is removed, or begins to leave (join.md, Membership after that; http-api.md
// 20). One transaction each. Stateless.
#pragma once

#include <cstdint>
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

// While the node is a member: a row in `changes` and a new membership version, so that whoever
// follows the list learns of it. Two statements, to stand before the one that changes the node.
std::vector<backends::Statement> announcement(const std::string& node_id, std::int64_t now_ms);

Error no_member(const std::string& node_id);

}  // namespace orama::gateway::cluster
