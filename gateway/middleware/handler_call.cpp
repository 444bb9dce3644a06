#include "gateway/middleware/handler_call.h"

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "common/log.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/exchange.h"
#include "gateway/http/header_text.h"
#include "gateway/http/limits.h"
#include "gateway/http/message.h"
#include "gateway/http/route.h"

namespace orama::gateway::middleware {

namespace {

using http::ApiCode;
using http::ApiError;
using http::Exchange;
using http::HandlerResult;
using http::make_api_error;
using http::Method;

bool is_read(Method method) {
  return method == Method::get || method == Method::head;
}

// A handler that was cut short. 503 says that nothing was applied; where that is not known, 504
// (http-api.md 4).
ApiError interrupted(const http::Request& request, http::Interruption why) {
  if (!is_read(request.method) ||
      (why == http::Interruption::time_limit && !request.sent_to.empty())) {
    ApiError error =
        make_api_error(ApiCode::backend_timeout, "no answer in time",
                       "it may have been done all the same: look before repeating a write");
    if (!request.sent_to.empty()) {
      error.details = {{"backend", request.sent_to}};
    }
    return error;
  }
  return why == http::Interruption::shutting_down
             ? make_api_error(ApiCode::shutting_down, "the gateway is stopping")
             : make_api_error(ApiCode::overloaded,
                              "the request took too long; nothing was applied");
}

bool has_foreign_encoding(const http::Request& request) {
  const std::optional<std::string_view> encoding = request.header("content-encoding");
  return encoding && !encoding->empty() && !http::equal_ignoring_case(*encoding, "identity");
}

// Stages 10 and 4: the handler, its time limit, and what it throws.
Awaitable<HandlerResult> call_handler(Exchange& exchange, const http::Route& route,
                                      const Log& log) {
  HandlerResult result;
  std::optional<std::string> thrown;
  exchange.clock->start_handler(route.time_limit);
  try {
    result = co_await route.handler(exchange.request);
  } catch (const std::exception& e) {
    thrown = e.what();
  } catch (...) {
    thrown = "unknown exception";
  }
  const http::Interruption why = exchange.clock->stop_handler();
  // One that was told to end may still have finished its work; then its answer stands.
  if (why != http::Interruption::none && (thrown || std::holds_alternative<ApiError>(result))) {
    co_return interrupted(exchange.request, why);
  }
  if (thrown) {
    co_return internal_error(exchange, *thrown, log);
  }
  co_return result;
}

}  // namespace

ApiError internal_error(const Exchange& exchange, std::string_view thrown, const Log& log) {
  log.with_correlation(exchange.request_id)
      .error("a request ended by an exception",
             {{"operation", std::string(exchange.operation)}, {"exception", std::string(thrown)}});
  return make_api_error(ApiCode::internal, "internal error",
                        "the log of this node has it under the request id");
}

Awaitable<HandlerResult> run_route(Exchange& exchange, const http::Route& route, const Log& log) {
  if (has_foreign_encoding(exchange.request)) {
    ApiError error =
        make_api_error(ApiCode::unsupported_media_type, "a compressed body is not taken here");
    error.details = {{"expected", "identity"}};
    co_return error;
  }
  if (exchange.head.has_body()) {
    using Keep = http::BodySource::Keep;
    const bool takes_one = route.body_limit > 0;
    const std::size_t limit = takes_one ? route.body_limit : http::kMaxDroppedBody;
    const Keep keep = takes_one ? Keep::all : Keep::nothing;
    std::optional<ApiError> error = co_await exchange.body->receive_body(limit, keep);
    if (error) {
      co_return *std::move(error);
    }
  }
  co_return co_await call_handler(exchange, route, log);
}

}  // namespace orama::gateway::middleware
