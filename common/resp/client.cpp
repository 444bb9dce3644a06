#include "common/resp/client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/mesh/ip_address.h"
#include "common/resp/reader.h"
#include "common/resp/reply.h"
#include "common/result.h"

namespace orama::resp {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

socklen_t fill_address(const mesh::IpAddress& address, std::uint16_t port, sockaddr_storage& out) {
  if (address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(address.v4());
    std::memcpy(&out, &v4, sizeof v4);
    return sizeof v4;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&v6.sin6_addr, address.bytes().data(), address.bytes().size());
  std::memcpy(&out, &v6, sizeof v6);
  return sizeof v6;
}

}  // namespace

struct RespClient::Connection {
  Connection(int socket, std::string peer, milliseconds its_timeout)
      : fd(socket), where(std::move(peer)), timeout(its_timeout) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (fd >= 0) {
      ::close(fd);
    }
  }

  Result<void> wait(short events, SteadyTime until) const;
  Result<void> open(const mesh::IpAddress& address, std::uint16_t port);
  Result<void> send_all(std::string_view bytes, SteadyTime until) const;
  Result<RespReply> read_reply(SteadyTime until);
  Error gone(int reason) const {
    return make_error(Errc::unreachable, "cannot reach " + where + ": " + std::strerror(reason));
  }

  int fd = -1;
  std::string where;
  milliseconds timeout;
  RespReader reader;
};

Result<void> RespClient::Connection::wait(short events, SteadyTime until) const {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    pollfd look{fd, events, 0};
    const int ready = ::poll(&look, 1, static_cast<int>(std::max(left, milliseconds(0)).count()));
    if (ready > 0) {
      return {};
    }
    if (ready == 0) {
      return make_error(Errc::timeout, where + " gave no answer within " +
                                           std::to_string(timeout.count()) + " ms");
    }
    if (errno != EINTR) {
      return make_error(Errc::failed, "waiting for " + where + ": " + std::strerror(errno));
    }
  }
}

Result<void> RespClient::Connection::open(const mesh::IpAddress& address, std::uint16_t port) {
  if (fd < 0) {
    return gone(errno);
  }
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_storage storage{};
  const socklen_t length = fill_address(address, port, storage);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&storage), length) == 0) {
    return {};
  }
  if (errno != EINPROGRESS) {
    return gone(errno);
  }
  if (!wait(POLLOUT, steady_clock::now() + timeout).ok()) {
    return gone(ETIMEDOUT);
  }
  int failed = 0;
  socklen_t size = sizeof failed;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size) != 0 || failed != 0) {
    return gone(failed);
  }
  return {};
}

Result<void> RespClient::Connection::send_all(std::string_view bytes, SteadyTime until) const {
  while (!bytes.empty()) {
    TRY_VOID(wait(POLLOUT, until));
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
      return gone(errno);
    }
    bytes.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
  }
  return {};
}

Result<RespReply> RespClient::Connection::read_reply(SteadyTime until) {
  std::array<char, 16384> block{};
  for (;;) {
    TRY(reply, reader.next());
    if (reply) {
      return std::move(*reply);
    }
    TRY_VOID(wait(POLLIN, until));
    const ssize_t got = ::recv(fd, block.data(), block.size(), 0);
    if (got == 0) {
      return gone(ECONNRESET);
    }
    if (got < 0 && errno != EAGAIN && errno != EINTR) {
      return gone(errno);
    }
    reader.feed(std::string_view(block.data(), got < 0 ? 0 : static_cast<std::size_t>(got)));
  }
}

RespClient::RespClient(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
RespClient::~RespClient() = default;
RespClient::RespClient(RespClient&&) noexcept = default;
RespClient& RespClient::operator=(RespClient&&) noexcept = default;

Result<RespClient> RespClient::connect(const mesh::IpAddress& address, std::uint16_t port,
                                       milliseconds timeout) {
  const int family = address.is_v4() ? AF_INET : AF_INET6;
  auto connection =
      std::make_unique<Connection>(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                                   address.for_url() + ":" + std::to_string(port), timeout);
  TRY_VOID(connection->open(address, port));
  return RespClient(std::move(connection));
}

Result<RespReply> RespClient::command(const std::vector<std::string>& words) {
  const SteadyTime until = steady_clock::now() + connection_->timeout;
  TRY_VOID(connection_->send_all(encode_command(words), until));
  return connection_->read_reply(until);
}

}  // namespace orama::resp
