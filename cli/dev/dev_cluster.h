// The development cluster as a whole: bring it up, look at it. The supervisor runs its processes,
// dev_node.h makes its nodes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/dev/dev_layout.h"
#include "cli/dev/dev_report.h"
#include "cli/session.h"
#include "common/result.h"

namespace orama::cli {

struct DevWish {
  std::size_t nodes = 0;  // 0: as many as there are, five at first
  std::optional<std::string> engines;
};

enum class DevOutcome { started, was_up };

// Of the embedded gateway, a cluster of its own without engines.
Result<DevOutcome> embedded_up(Session& session, DevLayout& layout);
// `nodes`: as many as there are then.
Result<DevOutcome> cluster_up(Session& session, DevLayout& layout, const DevWish& wish,
                              std::size_t& nodes);

// One row a node of what runs; unreachable when nothing does.
Result<std::vector<DevNodeRow>> look_at_cluster(Session& session, const DevLayout& layout);

}  // namespace orama::cli
