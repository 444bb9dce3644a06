#include "gateway/middleware/pipeline.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/log.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/error_body.h"
#include "gateway/http/exchange.h"
#include "gateway/http/header_text.h"
#include "gateway/http/message.h"
#include "gateway/http/response_writer.h"
#include "gateway/http/route.h"
#include "gateway/http/router.h"
#include "gateway/metrics/http_metrics.h"
#include "gateway/middleware/access_log.h"
#include "gateway/middleware/admission.h"
#include "gateway/middleware/cors.h"
#include "gateway/middleware/handler_call.h"
#include "gateway/middleware/rate_limit.h"
#include "gateway/middleware/request_id.h"
#include "gateway/middleware/security_headers.h"
#include "gateway/middleware/trace_context.h"

namespace orama::gateway::middleware {

namespace {

using http::ApiCode;
using http::ApiError;
using http::Exchange;
using http::HandlerResult;
using http::Method;

bool is_admin(const http::Route& route) {
  return route.caller == http::Caller::admin || route.caller == http::Caller::admin_root;
}

enum class Socket : std::uint8_t { tcp, unix_socket };

std::vector<const http::Route*> routes_on(Socket socket, const http::RouteTable& table) {
  std::vector<const http::Route*> routes;
  for (const http::Route& route : table) {
    if (is_admin(route) == (socket == Socket::unix_socket)) {
      routes.push_back(&route);
    }
  }
  return routes;
}

HandlerResult method_not_allowed(std::string_view allow, std::string_view request_id) {
  http::Response response = http::error_response(
      http::make_api_error(ApiCode::method_not_allowed, "this path does not take that method"),
      request_id);
  response.headers.emplace_back("Allow", allow);
  return response;
}

// 429 and 503 always say when to come back, those with a document of their own too (http-api.md 4).
void add_retry_after(http::Response& response) {
  const bool wanted = response.status == 429 || response.status == 503;
  const bool given = std::any_of(
      response.headers.begin(), response.headers.end(),
      [](const auto& header) { return http::equal_ignoring_case(header.first, "retry-after"); });
  if (wanted && !given) {
    response.headers.emplace_back("Retry-After", "1");
  }
}

}  // namespace

struct Pipeline::State {
  State(PipelineOptions given, http::RouteTable table, PipelineParts its_parts, const Log& its_log)
      : routes(std::move(table)),
        parts(its_parts),
        log(its_log.named("pipeline")),
        public_router(routes_on(Socket::tcp, routes)),
        admin_router(routes_on(Socket::unix_socket, routes)),
        admission(std::move(given.admission), parts.authenticator),
        cors(std::move(given.cors_origins)),
        join_rate(std::move(given.join_rate)) {
    for (std::size_t i = 0; i < given.workers; ++i) {
      randoms.push_back(std::make_unique<BufferedRandom>(parts.random));
    }
    for (const http::Route& route : routes) {
      operation_indices.push_back(parts.metrics.operation_index(route.operation_id));
    }
  }

  void identify(Exchange& exchange);
  Awaitable<HandlerResult> decide(Exchange& exchange);
  std::optional<HandlerResult> over_rate(Exchange& exchange, const http::Route& route);
  void finish(Exchange& exchange, HandlerResult result) const;

  http::RouteTable routes;
  PipelineParts parts;
  Log log;
  http::Router public_router, admin_router;
  Admission admission;
  Cors cors;
  RateLimit join_rate;
  std::atomic<std::int64_t> public_requests{0};
  std::vector<std::size_t> operation_indices;            // of the metrics, by route
  std::vector<std::unique_ptr<BufferedRandom>> randoms;  // one per thread
};

// Stage 1.
void Pipeline::State::identify(Exchange& exchange) {
  public_requests += exchange.peer->is_unix() ? 0 : 1;
  BufferedRandom& random = *randoms[exchange.worker];
  const std::optional<std::string_view> given = exchange.request.header("x-request-id");
  if (given && is_request_id(*given)) {
    exchange.request_id = *given;
  } else {
    exchange.request_id = crypto::make_uuid_v7(random, parts.clock.wall_now());
  }
  exchange.traceparent = next_traceparent(exchange.head.headers, random);
  exchange.request.request_id = exchange.request_id;
  exchange.request.traceparent = exchange.traceparent;
  exchange.operation = "unmatched";
}

// Stage 7, as far as a client's address goes.
std::optional<HandlerResult> Pipeline::State::over_rate(Exchange& exchange,
                                                        const http::Route& route) {
  if (route.rate == http::RateClass::none || !exchange.request.client_ip) {
    return std::nullopt;
  }
  const RateLimit::Verdict verdict =
      join_rate.take(*exchange.request.client_ip, parts.clock.steady_now());
  exchange.header_lines += join_rate.header_lines(verdict);
  if (verdict.allowed) {
    return std::nullopt;
  }
  ApiError error = http::make_api_error(ApiCode::rate_limited, "too many requests of this kind",
                                        "wait as long as Retry-After says");
  error.details = {{"class", join_rate.rule().name}};
  http::Response response = http::error_response(error, exchange.request_id);
  response.headers.emplace_back("Retry-After", std::to_string(verdict.retry_after_s));
  return response;
}

// Stages 6 to 10; the first that objects answers.
Awaitable<HandlerResult> Pipeline::State::decide(Exchange& exchange) {
  http::Request& request = exchange.request;
  if (std::optional<ApiError> error = admission.place_client(exchange)) {
    co_return *std::move(error);
  }
  const bool admin = exchange.peer->is_unix();
  if (admin) {
    if (std::optional<ApiError> error = admission.check_admin_peer(*exchange.peer)) {
      co_return *std::move(error);
    }
  } else if (request.method == Method::options) {
    co_return http::Response{204, {}, "", {}};
  } else if (http::list_contains(request.header("upgrade").value_or(""), "websocket") &&
             !cors.allows_websocket(request.header("origin"))) {
    co_return http::make_api_error(ApiCode::origin_forbidden,
                                   "WebSockets from this origin are not allowed");
  }
  const http::Router& router = admin ? admin_router : public_router;
  const http::Router::Match match = router.find(request.path, request.method, request.parameters);
  if (match.route != nullptr) {
    exchange.operation = match.route->operation_id;
    exchange.operation_index =
        operation_indices[static_cast<std::size_t>(match.route - routes.data())];
  }
  if (match.route != nullptr) {
    if (std::optional<HandlerResult> limited = over_rate(exchange, *match.route)) {
      co_return *std::move(limited);
    }
  }
  constexpr std::string_view kApi = "/v1/";
  const bool below_api = request.path.substr(0, kApi.size()) == kApi;
  if (!admin) {
    std::optional<ApiError> refused = co_await admission.authenticate(exchange);
    const bool needed = match.path_known ? match.needs_credential : below_api;
    if (refused && needed) {
      co_return *std::move(refused);
    }
  }
  if (!match.path_known) {
    co_return http::make_api_error(ApiCode::route_not_found, "no such route");
  }
  if (match.route == nullptr) {
    co_return method_not_allowed(match.allow, request.request_id);
  }
  if (std::optional<ApiError> error = admission.authorize(exchange, *match.route)) {
    co_return *std::move(error);
  }
  co_return co_await run_route(exchange, *match.route, log);
}

// Stages 5 and 6, on every answer.
void Pipeline::State::finish(Exchange& exchange, HandlerResult result) const {
  if (const auto* error = std::get_if<ApiError>(&result)) {
    exchange.response = http::error_response(*error, exchange.request_id);
    exchange.close = exchange.close || error->code == ApiCode::shutting_down ||
                     error->code == ApiCode::bad_request;
  } else {
    exchange.response = std::get<http::Response>(std::move(result));
  }
  add_retry_after(exchange.response);
  std::string& lines = exchange.header_lines;
  http::append_header(lines, "X-Request-ID", exchange.request_id);
  http::append_header(lines, "traceparent", exchange.traceparent);
  append_security_headers(lines, exchange.response,
                          exchange.over_https ? Scheme::https : Scheme::http);
  if (!exchange.peer->is_unix()) {
    cors.append_headers(lines, exchange.request.header("origin"));
  }
}

Pipeline::Pipeline(PipelineOptions options, http::RouteTable routes, PipelineParts parts,
                   const Log& log)
    : state_(std::make_unique<State>(std::move(options), std::move(routes), parts, log)) {}

Pipeline::~Pipeline() = default;

Awaitable<void> Pipeline::serve(Exchange& exchange) {
  state_->parts.metrics.begin();
  state_->identify(exchange);
  HandlerResult result;
  std::optional<std::string> thrown;
  try {
    result = co_await state_->decide(exchange);
  } catch (const std::exception& e) {  // of a stage; a handler's are caught around the handler
    thrown = e.what();
  }
  if (thrown) {
    result = internal_error(exchange, *thrown, state_->log);
  }
  state_->finish(exchange, std::move(result));
}

std::int64_t Pipeline::public_requests() const {
  return state_->public_requests.load();
}

void Pipeline::refuse(Exchange& exchange, ApiError error) {
  state_->parts.metrics.begin();
  state_->identify(exchange);
  if (exchange.peer->address) {
    exchange.client_ip = exchange.peer->address->to_string();
  }
  state_->finish(exchange, std::move(error));
}

// Stages 2 and 3.
void Pipeline::finished(Exchange& exchange, std::size_t body_bytes_out) {
  state_->public_requests -= exchange.peer->is_unix() ? 0 : 1;
  const std::chrono::nanoseconds duration = state_->parts.clock.steady_now() - exchange.started;
  metrics::HttpMetrics::Outcome outcome;
  outcome.operation = exchange.operation_index;
  outcome.method = to_string(exchange.request.method);
  outcome.status = exchange.response.status;
  outcome.bytes_in = exchange.bytes_in;
  outcome.bytes_out = body_bytes_out;
  outcome.duration = duration;
  state_->parts.metrics.end(outcome);

  AccessRecord record;
  record.time = state_->parts.clock.wall_now();
  record.request_id = exchange.request_id;
  record.trace_id = trace_id_of(exchange.traceparent);
  record.operation = exchange.operation;
  record.method = outcome.method;
  record.path = exchange.head.raw_path;
  record.status = outcome.status;
  record.bytes_in = outcome.bytes_in;
  record.bytes_out = outcome.bytes_out;
  record.duration = duration;
  record.client_ip = exchange.client_ip;
  record.name_space = exchange.name_space;
  record.principal = exchange.principal;
  state_->parts.access_log.write(record);
}

}  // namespace orama::gateway::middleware
