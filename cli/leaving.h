// This node's way out of its cluster, through its own gateway (http-api.md 20, adminLeave): for
// `orama leave`, and for an uninstall, which must not leave a dead member behind without a word.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "cli/session.h"
#include "common/result.h"

namespace orama::cli {

// "Registry voters: 3 now, 2 after; it can lose 1 now, 0 after.": what the gateway answered.
std::string voter_arithmetic(const nlohmann::json& answer);

// Leaves; asks again while the vote is being handed over, for a minute at most. quorum_refused with
// the arithmetic, conflict for the only node.
Result<nlohmann::json> leave_cluster(Session& session);

enum class LeaveFirst { yes, no };  // no: --no-leave

// Before an uninstall. What became of the membership, in sentences; "" where there is none, or
// nobody else is in the cluster. quorum_refused: it was refused and nothing was changed.
Result<std::string> leave_before_uninstall(Session& session, LeaveFirst wish);

}  // namespace orama::cli
