#include "gateway/backends/resp_call.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "common/resp/reader.h"
#include "common/resp/reply.h"
#include "common/result.h"
#include "gateway/backends/http_pool.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::backends {
namespace {

using Executor = asio::io_context::executor_type;
using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>());

struct Connection {
  explicit Connection(asio::io_context& context) : socket(context), timer(context) {}
  Socket socket;
  Timer timer;
  bool timed_out = false;
  std::array<char, 4096> buffer{};
};
using ConnectionPtr = std::shared_ptr<Connection>;

void close_after(const ConnectionPtr& connection, std::chrono::milliseconds deadline) {
  connection->timer.expires_after(deadline);
  connection->timer.async_wait(
      [weak = std::weak_ptr<Connection>(connection)](const boost::system::error_code& code) {
        const ConnectionPtr held = weak.lock();
        if (!code && held != nullptr) {
          held->timed_out = true;
          boost::system::error_code ignored;  // a socket that is not open has nothing to cancel
          held->socket.close(ignored);
        }
      });
}

Error broken(const RespCall& call, const Connection& connection, const std::string& what) {
  const std::string where = call.endpoint.to_string();
  if (connection.timed_out) {
    return make_error(Errc::timeout, where + " gave no answer within " +
                                         std::to_string(call.deadline.count()) + " ms");
  }
  return make_error(Errc::unreachable, "no answer from " + where + ": " + what);
}

std::string encoded(const RespCall& call) {
  std::string bytes;
  for (const auto& words : call.commands) {
    bytes += resp::encode_command(words);
  }
  return bytes;
}

Awaitable<Result<std::vector<resp::RespReply>>> read_replies(ConnectionPtr connection,
                                                             const RespCall* call) {
  resp::RespReader reader;
  std::vector<resp::RespReply> replies;
  for (;;) {
    CO_TRY(reply, reader.next());
    if (reply) {
      replies.push_back(std::move(*reply));
      if (replies.size() == call->commands.size()) {
        co_return replies;
      }
      continue;
    }
    auto [error, got] =
        co_await connection->socket.async_read_some(asio::buffer(connection->buffer), kAwait);
    if (error) {
      co_return broken(*call, *connection, error.message());
    }
    reader.feed(std::string_view(connection->buffer.data(), got));
  }
}

}  // namespace

Awaitable<Result<std::vector<resp::RespReply>>> call_resp(asio::io_context* context,
                                                          RespCall call) {
  auto connection = std::make_shared<Connection>(*context);
  close_after(connection, call.deadline);
  const Tcp::endpoint endpoint = asio_endpoint(call.endpoint);
  auto [connect_error] = co_await connection->socket.async_connect(endpoint, kAwait);
  if (connect_error) {
    co_return broken(call, *connection, connect_error.message());
  }
  const std::string bytes = encoded(call);
  auto [write_error, written] =
      co_await asio::async_write(connection->socket, asio::buffer(bytes), kAwait);
  if (write_error) {
    co_return broken(call, *connection, write_error.message());
  }
  auto replies = co_await read_replies(connection, &call);
  connection->timer.cancel();
  co_return replies;
}

}  // namespace orama::gateway::backends
