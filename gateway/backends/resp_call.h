// Commands to a RESP2 engine on a connection of their own, opened and closed for them: for looks
// that come once in seconds. All are sent at once; one deadline for the whole.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/resp/reply.h"
#include "common/result.h"
#include "gateway/backends/http_pool.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::backends {

struct RespCall {
  HttpEndpoint endpoint;
  std::vector<std::vector<std::string>> commands;  // words may be secret: never in an error
  std::chrono::milliseconds deadline{3000};
};

// One reply a command, error replies too. Errors: unreachable (no connection, or it broke),
// timeout, too_large, failed (no RESP2). On the thread of `context`.
Awaitable<Result<std::vector<resp::RespReply>>> call_resp(asio::io_context* context, RespCall call);

}  // namespace orama::gateway::backends
