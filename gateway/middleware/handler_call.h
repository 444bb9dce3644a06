// Receives the body within the route's limit and runs the handler within its time (stages 10 and 4
// of http-api.md 3). What a handler throws is logged under the request id and answered 500.
#pragma once

#include <string_view>

#include "common/log.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/exchange.h"
#include "gateway/http/message.h"
#include "gateway/http/route.h"

namespace orama::gateway::middleware {

// `route` and `log` outlive the call.
Awaitable<http::HandlerResult> run_route(http::Exchange& exchange, const http::Route& route,
                                         const Log& log);

// Logs what was thrown under the request id; the answer says nothing of it.
http::ApiError internal_error(const http::Exchange& exchange, std::string_view thrown,
                              const Log& log);

}  // namespace orama::gateway::middleware
