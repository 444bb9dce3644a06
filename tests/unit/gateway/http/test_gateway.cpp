#include "tests/unit/gateway/http/test_gateway.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/atomic_file.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/auth/authenticator.h"
#include "gateway/auth/no_credentials.h"
#include "gateway/http/address_range.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/message.h"
#include "gateway/http/route.h"
#include "gateway/http/server.h"
#include "gateway/metrics/http_metrics.h"
#include "gateway/metrics/routes.h"
#include "gateway/middleware/access_log.h"
#include "gateway/middleware/pipeline.h"
#include "tests/unit/gateway/http/raw_client.h"

namespace orama::gateway::http::testing {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBigBody = 8UL * 1024 * 1024;

Awaitable<HandlerResult> answer_ok(Request& request) {
  Response response = json_response({{"ok", true}, {"request_id", request.request_id}});
  response.headers.emplace_back("X-Client",
                                request.client_ip ? request.client_ip->to_string() : "");
  co_return response;
}

Awaitable<HandlerResult> echo(Request& request) {
  Response response;
  response.content_type = "application/octet-stream";
  response.body = request.body;
  co_return response;
}

Awaitable<HandlerResult> throw_something(Request& request) {
  static_cast<void>(request);
  throw std::runtime_error("a defect in a handler");
  co_return Response();
}

Awaitable<HandlerResult> big(Request& request) {
  static_cast<void>(request);
  Response response;
  response.content_type = "application/octet-stream";
  response.body.assign(kBigBody, 'x');
  co_return response;
}

Awaitable<HandlerResult> unhealthy(Request& request) {
  static_cast<void>(request);
  co_return json_response({{"status", "unhealthy"}}, 503);
}

// Never ends by itself.
Awaitable<void> wait_for_ever() {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
  const asio::use_awaitable_t<asio::io_context::executor_type> token;
  co_await timer.async_wait(token);
}

Awaitable<HandlerResult> hang(Request& request) {
  co_await wait_for_ever();
  static_cast<void>(request);
  co_return Response();
}

Awaitable<HandlerResult> hang_on_backend(Request& request) {
  request.sent_to = "registry";
  co_await wait_for_ever();
  co_return Response();
}

Awaitable<HandlerResult> hold(std::atomic<int>& holding, const std::atomic<bool>& released,
                              Request& request) {
  static_cast<void>(request);
  ++holding;
  asio::steady_timer timer(co_await asio::this_coro::executor);
  const asio::use_awaitable_t<asio::io_context::executor_type> token;
  while (!released) {
    timer.expires_after(5ms);
    co_await timer.async_wait(token);
  }
  co_return json_response({{"held", true}});
}

Route row(std::string_view id, std::vector<Method> methods, std::string_view path, Caller caller,
          std::size_t body_limit, std::chrono::milliseconds time_limit, Handler handler) {
  Route route;
  route.operation_id = id;
  route.methods = std::move(methods);
  route.path = path;
  route.caller = caller;
  route.body_limit = body_limit;
  route.time_limit = time_limit;
  route.handler = std::move(handler);
  return route;
}

std::vector<std::string_view> operations_of(const RouteTable& routes) {
  std::vector<std::string_view> operations;
  for (const Route& route : routes) {
    operations.push_back(route.operation_id);
  }
  return operations;
}

}  // namespace

RouteTable TestGateway::routes() {
  RouteTable table;
  const auto add = [&](Route route) { table.push_back(std::move(route)); };
  add(row("ok", {Method::get}, "/ok", Caller::public_, 0, 5s, answer_ok));
  add(row("item", {Method::get, Method::put}, "/v1/items/{id}", Caller::member, 1024, 5s,
          answer_ok));
  add(row("echo", {Method::post}, "/echo", Caller::public_, 1024, 5s, echo));
  add(row("throws", {Method::get}, "/throws", Caller::public_, 0, 5s, throw_something));
  add(row("big", {Method::get}, "/big", Caller::public_, 0, 5s, big));
  add(row("hang", {Method::get, Method::post}, "/hang", Caller::public_, 1024, 100ms, hang));
  add(row("hangOnBackend", {Method::get}, "/hang/backend", Caller::public_, 0, 100ms,
          hang_on_backend));
  add(row("hangLong", {Method::get}, "/hang/long", Caller::public_, 0, 1h,
          [this](Request& request) {
            ++holding_;
            return hang(request);
          }));
  add(row("hold", {Method::get}, "/hold", Caller::public_, 0, 1h,
          [this](Request& request) { return hold(holding_, released_, request); }));
  add(row("unhealthy", {Method::get}, "/unhealthy", Caller::public_, 0, 5s, unhealthy));
  add(row("local", {Method::get}, "/local", Caller::local, 0, 5s, answer_ok));
  add(row("adminStatus", {Method::get}, "/admin/status", Caller::admin, 0, 5s, answer_ok));
  add(row("adminWrite", {Method::post}, "/admin/write", Caller::admin_root, 1024, 5s, echo));
  metrics::add_routes(table, metrics_);
  return table;
}

std::vector<int> TestGateway::open_sockets(std::size_t count) {
  std::vector<int> sockets;
  for (std::size_t i = 0; i < count; ++i) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    ORAMA_ASSERT(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    ORAMA_ASSERT(::listen(descriptor, 1024) == 0);
    socklen_t size = sizeof address;
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    sockets.push_back(descriptor);
  }
  const int admin = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  admin_path().copy(address.sun_path, sizeof address.sun_path - 1);
  ORAMA_ASSERT(::bind(admin, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  ORAMA_ASSERT(::listen(admin, 64) == 0);
  sockets.push_back(admin);
  return sockets;
}

TestGateway::TestGateway(GatewaySetup setup)
    : sockets_(open_sockets(setup.sockets)),
      log_(Log::to_file(folder_.file("error.log"), LogLevel::info).value()),
      workers_(setup.threads, log_),
      no_credentials_(std::make_unique<auth::NoCredentials>()) {
  RouteTable table = routes();
  http_metrics_ = std::make_unique<metrics::HttpMetrics>(metrics_, operations_of(table));
  middleware::AccessLog::Options access;
  access.path = folder_.file("access.log");
  access_log_ = middleware::AccessLog::open(access, log_).value();
  middleware::PipelineOptions options;
  options.workers = setup.threads;
  for (const std::string& range : setup.trusted_proxies) {
    options.admission.trusted_proxies.push_back(AddressRange::parse(range).value());
  }
  options.admission.mesh_cidr = mesh::Cidr::parse(setup.mesh_cidr).value();
  options.cors_origins = setup.cors_origins;
  options.admission.admin_group = setup.admin_group;
  auth::Authenticator& authenticator =
      setup.authenticator == nullptr ? *no_credentials_ : *setup.authenticator;
  const middleware::PipelineParts parts{authenticator, *http_metrics_, *access_log_, clock_,
                                        random_};
  pipeline_ = std::make_unique<middleware::Pipeline>(options, std::move(table), parts, log_);
  server_ = std::make_unique<Server>(ServerOptions{setup.max_connections, setup.timeouts}, workers_,
                                     *pipeline_, log_);
  server_->listen(sockets_).value();
  workers_.start();
}

TestGateway::~TestGateway() {
  workers_.stop();
  for (const int descriptor : sockets_) {
    ::close(descriptor);
  }
}

Answer TestGateway::ask(const std::string& bytes) const {
  RawClient client = connect();
  return client.ask(bytes);
}

Answer TestGateway::get(const std::string& path, const std::string& more_headers) const {
  return ask("GET " + path + " HTTP/1.1\r\nHost: a\r\n" + more_headers + "\r\n");
}

std::vector<std::string> TestGateway::access_lines(std::size_t at_least) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  std::vector<std::string> lines;
  while (lines.size() < at_least && std::chrono::steady_clock::now() < deadline) {
    lines.clear();
    access_log_->flush();
    std::istringstream text(read_file(folder_.file("access.log")).value());
    for (std::string line; std::getline(text, line);) {
      lines.push_back(line);
    }
  }
  return lines;
}

std::string TestGateway::error_log() const {
  log_.flush();
  return read_file(folder_.file("error.log")).value();
}

void TestGateway::wait_for_connections(std::size_t count) const {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (server_->connections() != count && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(1ms);
  }
}

void TestGateway::wait_until_holding() const {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (holding_ == 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(1ms);
  }
}

void TestGateway::drain(std::chrono::milliseconds within) {
  server_->drain(within);
}

bool TestGateway::listens_still() const {
  for (const int descriptor : sockets_) {
    int listens = 0;
    socklen_t size = sizeof listens;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) {
      return false;
    }
  }
  return true;
}

}  // namespace orama::gateway::http::testing
