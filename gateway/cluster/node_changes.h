// What an operator does to a node: remove it, or change its name, endpoints or say in the registry
// (join.md, Membership after that; http-api.md 20). One transaction each. Stateless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"

namespace orama::gateway::cluster {

// Member → removed: its keys are refused for good, open invitations are revoked, voters are chosen
// anew. Again: ok. not_found.
Awaitable<Result<void>> remove_node(backends::Registry* registry, std::string node_id,
                                    std::int64_t now_ms);

struct NodeUpdate {
  std::optional<std::string> name;
  std::optional<std::vector<std::string>> endpoints;
  std::optional<std::string> voter;  // "auto", "always", "never"
};
// not_found: no member of that id. conflict: the name is taken.
Awaitable<Result<void>> update_node(backends::Registry* registry, std::string node_id,
                                    NodeUpdate update, std::int64_t now_ms);

}  // namespace orama::gateway::cluster
