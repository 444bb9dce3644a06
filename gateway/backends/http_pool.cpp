#include "gateway/backends/http_pool.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/http_reply.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::backends {
namespace {

using Executor = asio::io_context::executor_type;
using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>());

// Neither closed by the peer nor holding bytes that nobody asked for.
bool is_quiet(Socket& socket) {
  char byte = 0;
  const ssize_t got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace

Tcp::endpoint asio_endpoint(const HttpEndpoint& endpoint) {
  if (endpoint.address.is_v4()) {
    return {asio::ip::address_v4(endpoint.address.v4()), endpoint.port};
  }
  return {asio::ip::address_v6(endpoint.address.bytes()), endpoint.port};
}

std::string HttpEndpoint::to_string() const {
  return address.for_url() + ":" + std::to_string(port);
}

Result<HttpEndpoint> parse_http_endpoint(std::string_view url) {
  const auto wrong = [url] {
    return make_error(
        Errc::invalid_argument,
        "found \"" + std::string(url) + "\", expected http://ADDRESS:PORT with an IP address");
  };
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) {
    return wrong();
  }
  std::string_view rest = url.substr(kScheme.size());
  if (rest.ends_with('/')) {
    rest.remove_suffix(1);
  }
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos) {
    return wrong();
  }
  std::string_view host = rest.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  auto address = mesh::IpAddress::parse(host);
  const std::string_view digits = rest.substr(colon + 1);
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (!address.ok() || parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() ||
      port == 0) {
    return wrong();
  }
  return HttpEndpoint{*address, port};
}

struct HttpPool::Connection {
  explicit Connection(asio::io_context& context) : socket(context), timer(context) {}
  Socket socket;
  Timer timer;
  std::uint64_t use = 0;  // which use the timer belongs to: a late expiry must not hit the next one
  bool reused = false;
  bool sent = false;
  bool timed_out = false;
  std::array<char, 16384> buffer{};
};

// One try. `stale`: a reused connection broke before a byte of the reply came.
struct HttpPool::Attempt {
  std::optional<EngineReply> reply;
  std::optional<Error> error;
  bool stale = false;
  explicit Attempt(EngineReply good) : reply(std::move(good)) {}
  Attempt(Error bad, bool was_stale) : error(std::move(bad)), stale(was_stale) {}
};

HttpPool::HttpPool(asio::io_context& context, Options options)
    : context_(context), options_(std::move(options)) {}
HttpPool::~HttpPool() = default;

HttpPool::ConnectionPtr HttpPool::take_idle() {
  while (!idle_.empty()) {
    ConnectionPtr connection = std::move(idle_.back());
    idle_.pop_back();
    if (is_quiet(connection->socket)) {
      connection->reused = true;
      return connection;
    }
  }
  return std::make_shared<Connection>(context_);
}

Awaitable<Result<EngineReply>> HttpPool::call(EngineCall call) {
  ConnectionPtr connection = take_idle();
  Attempt first = co_await attempt(std::move(connection), &call);
  if (first.stale && call.kind == EngineCall::Kind::read) {
    idle_.clear();  // its siblings were opened to the same process, which is gone
    ConnectionPtr fresh = std::make_shared<Connection>(context_);
    Attempt second = co_await attempt(std::move(fresh), &call);
    first = std::move(second);
  }
  if (first.error) {
    co_return std::move(*first.error);
  }
  co_return std::move(*first.reply);
}

Awaitable<HttpPool::Attempt> HttpPool::attempt(ConnectionPtr connection, const EngineCall* call) {
  connection->sent = false;
  connection->timed_out = false;
  const std::uint64_t use = ++connection->use;
  connection->timer.expires_after(options_.deadline);
  connection->timer.async_wait(
      [weak = std::weak_ptr<Connection>(connection), use](const boost::system::error_code& code) {
        const ConnectionPtr held = weak.lock();
        if (!code && held != nullptr && held->use == use) {
          held->timed_out = true;
          boost::system::error_code ignored;  // a socket that is not open has nothing to cancel
          held->socket.close(ignored);
        }
      });
  Attempt result = co_await exchange(connection, call);
  ++connection->use;
  connection->timer.cancel();
  co_return result;
}

Awaitable<HttpPool::Attempt> HttpPool::exchange(ConnectionPtr connection, const EngineCall* call) {
  if (!connection->reused) {
    Result<void> connected = co_await connect(connection);
    if (!connected.ok()) {
      co_return Attempt(std::move(connected).error(), false);
    }
  }
  const std::string head = head_of(*call);
  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head), asio::buffer(call->body)};
  connection->sent = true;
  auto [write_error, written] = co_await asio::async_write(connection->socket, buffers, kAwait);
  if (write_error) {
    co_return Attempt(broken(*call, *connection, write_error.message()),
                      connection->reused && !connection->timed_out);
  }
  HttpReplyParser parser(options_.max_reply_bytes);
  for (;;) {
    auto [read_error, got] =
        co_await connection->socket.async_read_some(asio::buffer(connection->buffer), kAwait);
    if (read_error && (read_error != asio::error::eof || !parser.started())) {
      const bool stale = connection->reused && !connection->timed_out && !parser.started();
      co_return Attempt(broken(*call, *connection, read_error.message()), stale);
    }
    auto state = read_error ? parser.end_of_stream()
                            : parser.feed(std::string_view(connection->buffer.data(), got));
    if (!state.ok()) {
      Error error = std::move(state).error();
      if (read_error) {
        error = broken(*call, *connection, error.message);
      }
      co_return Attempt(std::move(error), false);
    }
    if (*state == HttpReplyParser::State::done) {
      break;
    }
  }
  EngineReply reply;
  reply.status = parser.status();
  reply.body = parser.take_body();
  if (parser.keep_alive() && idle_.size() < options_.max_idle) {
    idle_.push_back(connection);
  }
  co_return Attempt(std::move(reply));
}

Awaitable<Result<void>> HttpPool::connect(ConnectionPtr connection) {
  const Tcp::endpoint endpoint = asio_endpoint(options_.endpoint);
  auto [error] = co_await connection->socket.async_connect(endpoint, kAwait);
  if (error) {
    const std::string what = connection->timed_out ? "no answer in time" : error.message();
    co_return make_error(Errc::unreachable,
                         "cannot connect to " + options_.endpoint.to_string() + ": " + what);
  }
  boost::system::error_code ignored;  // without it calls are slower, not wrong
  connection->socket.set_option(Tcp::no_delay(true), ignored);
  co_return Result<void>();
}

std::string HttpPool::head_of(const EngineCall& call) const {
  std::string head = call.method + " " + call.target +
                     " HTTP/1.1\r\nHost: " + options_.endpoint.to_string() + "\r\n";
  if (!options_.authorization.empty()) {
    head += "Authorization: " + options_.authorization + "\r\n";
  }
  if (!call.body.empty()) {
    head +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(call.body.size()) +
        "\r\n";
  }
  head += "\r\n";
  return head;
}

Error HttpPool::broken(const EngineCall& call, const Connection& connection,
                       const std::string& what) const {
  const std::string where = options_.endpoint.to_string();
  if (connection.timed_out) {
    return make_error(Errc::timeout, where + " gave no answer within " +
                                         std::to_string(options_.deadline.count()) + " ms");
  }
  // A read changes nothing, so a broken one is the same as none; a broken write may have been
  // applied.
  const Errc code = call.kind == EngineCall::Kind::read ? Errc::unreachable : Errc::timeout;
  return make_error(code, "the connection to " + where + " broke: " + what);
}

}  // namespace orama::gateway::backends
