// One row of the API: everything that is said of a route stands in its row, and router, limits and
// metric labels are made from the rows (http-api.md 8).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "gateway/http/awaitable.h"
#include "gateway/http/message.h"

namespace orama::gateway::http {

enum class Caller : std::uint8_t { public_, member, local, admin, admin_root };

// Whose tokens a request takes (http-api.md 7). The other classes come with their routes.
enum class RateClass : std::uint8_t { none, join };

// Handlers run on the io_context of the connection's thread and must not block. When the time limit
// passes, or the drain's deadline, the pending operation of the handler is cancelled
// (operation_aborted) and every later co_await throws; the answer is sent when the handler has
// ended, so what it awaits must be cancellable or short. An exception that leaves it is logged
// under the request id and answered 500 INTERNAL.
using Handler = std::function<Awaitable<HandlerResult>(Request&)>;

// Of the admin API (http-api.md 20), where a route needs no other.
inline constexpr std::size_t kAdminBodyLimit = 64UL * 1024;
inline constexpr std::chrono::milliseconds kAdminTimeLimit{10'000};

struct Route {
  std::string_view operation_id;
  std::vector<Method> methods;  // empty: any. HEAD comes with GET, OPTIONS is the pipeline's
  std::string_view path;        // fixed segments and {parameters}
  Caller caller = Caller::public_;
  std::size_t body_limit = 0;  // 0: the route takes no body
  std::chrono::milliseconds time_limit{5000};
  Handler handler;
  RateClass rate = RateClass::none;
};

using RouteTable = std::vector<Route>;

}  // namespace orama::gateway::http
