// What an engine's answer to a look says of it: pure functions on foreign bytes (engines-storage.md
// 2 to 4). Errors: not_allowed (it refuses the gateway's password), quorum_refused and pending (it
// answers and cannot serve), failed (another answer than expected).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/resp/reply.h"
#include "common/result.h"

namespace orama::gateway::health {

// Under which name and where an engine of libp2p is found (http-api.md 16.1).
struct EngineIdentity {
  std::string peer_id;                 // "" not known yet
  std::vector<std::string> addresses;  // multiaddresses
};

// rqlited's /readyz.
Result<void> judge_database_ready(int status, std::string_view body);
// Olric's replies to AUTH and PING.
Result<void> judge_cache(const std::vector<resp::RespReply>& replies);
// Kubo's /api/v0/id.
Result<EngineIdentity> read_storage_id(int status, std::string_view body);
// IPFS Cluster's /id; pending when it does not get on with its own Kubo.
Result<EngineIdentity> read_pinning_id(int status, std::string_view body);

}  // namespace orama::gateway::health
