#include "gateway/middleware/pipeline.h"

#include <algorithm>
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
#include "common/mesh/ip_address.h"
#include "gateway/auth/authenticator.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/error_body.h"
#include "gateway/http/exchange.h"
#include "gateway/http/header_text.h"
#include "gateway/http/limits.h"
#include "gateway/http/message.h"
#include "gateway/http/response_writer.h"
#include "gateway/http/route.h"
#include "gateway/http/router.h"
#include "gateway/metrics/http_metrics.h"
#include "gateway/middleware/access_log.h"
#include "gateway/middleware/client_address.h"
#include "gateway/middleware/cors.h"
#include "gateway/middleware/credentials.h"
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

ApiError api_error(ApiCode code, std::string_view message, std::string_view hint = {}) {
  ApiError error;
  error.code = code;
  error.message = message;
  error.hint = hint;
  return error;
}

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
      api_error(ApiCode::method_not_allowed, "this path does not take that method"), request_id);
  response.headers.emplace_back("Allow", allow);
  return response;
}

bool is_read(Method method) {
  return method == Method::get || method == Method::head;
}

// A handler that was cut short. 503 says that nothing was applied; where that is not known, 504
// (http-api.md 4).
ApiError interrupted(const http::Request& request, http::Interruption why) {
  if (!is_read(request.method) ||
      (why == http::Interruption::time_limit && !request.sent_to.empty())) {
    ApiError error = api_error(ApiCode::backend_timeout, "no answer in time",
                               "it may have been done all the same: look before repeating a write");
    if (!request.sent_to.empty()) {
      error.details = {{"backend", request.sent_to}};
    }
    return error;
  }
  return why == http::Interruption::shutting_down
             ? api_error(ApiCode::shutting_down, "the gateway is stopping")
             : api_error(ApiCode::overloaded, "the request took too long; nothing was applied");
}

bool has_foreign_encoding(const http::Request& request) {
  const std::optional<std::string_view> encoding = request.header("content-encoding");
  return encoding && !encoding->empty() && !http::equal_ignoring_case(*encoding, "identity");
}

}  // namespace

struct Pipeline::State {
  State(PipelineOptions given, http::RouteTable table, PipelineParts its_parts, const Log& its_log)
      : options(std::move(given)),
        routes(std::move(table)),
        parts(its_parts),
        log(its_log.named("pipeline")),
        public_router(routes_on(Socket::tcp, routes)),
        admin_router(routes_on(Socket::unix_socket, routes)),
        cors(options.cors_origins) {
    for (std::size_t i = 0; i < options.workers; ++i) {
      randoms.push_back(std::make_unique<BufferedRandom>(parts.random));
    }
    for (const http::Route& route : routes) {
      operation_indices.push_back(parts.metrics.operation_index(route.operation_id));
    }
  }

  void identify(Exchange& exchange);
  std::optional<ApiError> place_client(Exchange& exchange) const;
  std::optional<ApiError> check_admin_peer(const http::Peer& peer) const;
  Awaitable<HandlerResult> decide(Exchange& exchange);
  Awaitable<std::optional<ApiError>> authenticate(Exchange& exchange);
  std::optional<ApiError> authorize(const Exchange& exchange, const http::Route& route) const;
  Awaitable<HandlerResult> run(Exchange& exchange, const http::Route& route);
  Awaitable<HandlerResult> call_handler(Exchange& exchange, const http::Route& route);
  void finish(Exchange& exchange, HandlerResult result) const;

  PipelineOptions options;
  http::RouteTable routes;
  PipelineParts parts;
  Log log;
  http::Router public_router, admin_router;
  Cors cors;
  std::vector<std::size_t> operation_indices;            // of the metrics, by route
  std::vector<std::unique_ptr<BufferedRandom>> randoms;  // one per thread
};

// Stage 1.
void Pipeline::State::identify(Exchange& exchange) {
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

std::optional<ApiError> Pipeline::State::place_client(Exchange& exchange) const {
  if (exchange.peer->is_unix()) {
    return std::nullopt;
  }
  const std::optional<ClientAddress> client =
      client_address(*exchange.peer->address, exchange.head.headers, options.trusted_proxies);
  exchange.over_https = client && client->over_https;
  const mesh::IpAddress address = client ? client->address : *exchange.peer->address;
  exchange.client_ip = address.to_string();
  if (!client) {
    return api_error(ApiCode::bad_request, "the last entry of X-Forwarded-For is no IP address");
  }
  exchange.request.client_ip = address;
  exchange.request.client_is_local =
      address.is_loopback() || (options.mesh_cidr && options.mesh_cidr->contains(address));
  return std::nullopt;
}

std::optional<ApiError> Pipeline::State::check_admin_peer(const http::Peer& peer) const {
  const auto& groups = peer.credentials->groups;
  const bool in_group = options.admin_group && std::find(groups.begin(), groups.end(),
                                                         *options.admin_group) != groups.end();
  if (peer.credentials->uid == 0 || in_group) {
    return std::nullopt;
  }
  return api_error(ApiCode::forbidden, "the admin socket is for root and the group orama",
                   "use sudo, or add the user to the group: usermod -aG orama <user>");
}

// Stages 6 to 10; the first that objects answers.
Awaitable<HandlerResult> Pipeline::State::decide(Exchange& exchange) {
  http::Request& request = exchange.request;
  if (std::optional<ApiError> error = place_client(exchange)) {
    co_return *std::move(error);
  }
  const bool admin = exchange.peer->is_unix();
  if (admin) {
    if (std::optional<ApiError> error = check_admin_peer(*exchange.peer)) {
      co_return *std::move(error);
    }
  } else if (request.method == Method::options) {
    co_return http::Response{204, {}, "", {}};
  } else if (http::list_contains(request.header("upgrade").value_or(""), "websocket") &&
             !cors.allows_websocket(request.header("origin"))) {
    co_return api_error(ApiCode::origin_forbidden, "WebSockets from this origin are not allowed");
  }
  const http::Router& router = admin ? admin_router : public_router;
  const http::Router::Match match = router.find(request.path, request.method, request.parameters);
  if (match.route != nullptr) {
    exchange.operation = match.route->operation_id;
    exchange.operation_index =
        operation_indices[static_cast<std::size_t>(match.route - routes.data())];
  }
  constexpr std::string_view kApi = "/v1/";
  const bool below_api = request.path.substr(0, kApi.size()) == kApi;
  if (!admin) {
    std::optional<ApiError> refused = co_await authenticate(exchange);
    const bool needed = match.path_known ? match.needs_credential : below_api;
    if (refused && needed) {
      co_return *std::move(refused);
    }
  }
  if (!match.path_known) {
    co_return api_error(ApiCode::route_not_found, "no such route");
  }
  if (match.route == nullptr) {
    co_return method_not_allowed(match.allow, request.request_id);
  }
  if (std::optional<ApiError> error = authorize(exchange, *match.route)) {
    co_return *std::move(error);
  }
  co_return co_await run(exchange, *match.route);
}

// Stage 8. What the caller gets where a credential is needed; nothing when one verified.
Awaitable<std::optional<ApiError>> Pipeline::State::authenticate(Exchange& exchange) {
  const std::vector<auth::Credential> credentials = read_credentials(exchange.request);
  std::optional<ApiCode> first_refusal;
  for (const auth::Credential& credential : credentials) {
    std::variant<auth::Principal, ApiCode> verdict =
        co_await parts.authenticator.verify(credential);
    if (auto* principal = std::get_if<auth::Principal>(&verdict)) {
      exchange.principal = std::move(principal->id);
      exchange.name_space = std::move(principal->name_space);
      co_return std::nullopt;
    }
    if (!first_refusal) {
      first_refusal = std::get<ApiCode>(verdict);
    }
  }
  if (first_refusal) {
    co_return api_error(*first_refusal, "the credential is not valid");
  }
  co_return api_error(ApiCode::unauthenticated, "this route needs an API key or a token");
}

// Stage 9, as far as the caller's position decides.
std::optional<ApiError> Pipeline::State::authorize(const Exchange& exchange,
                                                   const http::Route& route) const {
  if (route.caller == http::Caller::local && !exchange.request.client_is_local) {
    return api_error(ApiCode::forbidden, "only for callers on this host or in the mesh");
  }
  if (route.caller == http::Caller::admin_root && exchange.peer->credentials->uid != 0) {
    return api_error(ApiCode::forbidden, "only for root", "use sudo");
  }
  return std::nullopt;
}

Awaitable<HandlerResult> Pipeline::State::run(Exchange& exchange, const http::Route& route) {
  if (has_foreign_encoding(exchange.request)) {
    ApiError error =
        api_error(ApiCode::unsupported_media_type, "a compressed body is not taken here");
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
  co_return co_await call_handler(exchange, route);
}

// Stages 10 and 4: the handler, its time limit, and what it throws.
Awaitable<HandlerResult> Pipeline::State::call_handler(Exchange& exchange,
                                                       const http::Route& route) {
  HandlerResult result;
  std::string thrown;
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
  if (why != http::Interruption::none &&
      (!thrown.empty() || std::holds_alternative<ApiError>(result))) {
    co_return interrupted(exchange.request, why);
  }
  if (!thrown.empty()) {
    log.with_correlation(exchange.request_id)
        .error("a handler ended by an exception",
               {{"operation", std::string(route.operation_id)}, {"exception", thrown}});
    co_return api_error(ApiCode::internal, "internal error",
                        "the log of this node has it under the request id");
  }
  co_return result;
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
  HandlerResult result = co_await state_->decide(exchange);
  state_->finish(exchange, std::move(result));
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
