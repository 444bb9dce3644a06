// Whether the development cluster is whole, as its gateways themselves say (/v1/health,
// adminStatus, adminNodeList): every engine healthy, every node seen by every other, the votes in
// the registry as the cluster chose them.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "cli/dev/dev_layout.h"
#include "cli/session.h"
#include "common/result.h"

namespace orama::cli {

struct DevHealth {
  std::string node;
  std::string status;                 // of /v1/health: "ok", "degraded", "unhealthy"; "" no answer
  std::vector<std::string> problems;  // empty: whole
};

// What node `number` of `nodes` says now.
DevHealth look_at_node(Session& session, const DevLayout& layout, std::size_t number,
                       std::size_t nodes);

DevHealth look_at_embedded(Session& session);

// timeout names what is still amiss.
Result<void> wait_until_whole(Session& session, const DevLayout& layout, std::size_t nodes,
                              std::chrono::seconds within);
Result<void> wait_for_embedded(Session& session, std::chrono::seconds within);

}  // namespace orama::cli
