#include "common/link/client.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/crypto/encoding.h"
#include "common/link/identity.h"
#include "common/link/session.h"
#include "common/link/tls_channel.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::link {

namespace {

using std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds kLookEvery{50};

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) {
      ::close(value_);
    }
  }
  int get() const { return value_; }

 private:
  int value_;
};

socklen_t fill_address(const mesh::IpAddress& address, std::uint16_t port,
                       sockaddr_storage& storage) {
  if (address.is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(address.v4());
    return sizeof v4;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&v6.sin6_addr, address.bytes().data(), address.bytes().size());
  return sizeof v6;
}

// One connection and the one call on it.
class Exchange final : public SessionEvents {
 public:
  Exchange(const LinkIdentity& identity, const LinkClient::Options& options, std::string where)
      : options_(options),
        where_(std::move(where)),
        socket_(::socket(options.address.is_v4() ? AF_INET : AF_INET6,
                         SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
        session_(Side::client, identity, *this, limits_of(options)) {}

  Result<void> connect();
  Result<Answer> run(std::string_view path, const std::string& body, Milliseconds timeout);

 private:
  enum class Stop { no_connection, no_answer };

  static SessionLimits limits_of(const LinkClient::Options& options) {
    SessionLimits limits;
    limits.body_bytes = options.max_answer_bytes;
    return limits;
  }
  void on_secured(const std::string& peer_key) override;
  void on_request(StreamId stream, const std::string& /*path*/) override { session_.reset(stream); }
  void on_status(StreamId /*stream*/, int status) override { answer_.status = status; }
  void on_data(StreamId /*stream*/, std::string_view bytes) override { answer_.body += bytes; }
  void on_end(StreamId /*stream*/) override { complete_ = true; }
  void on_closed(StreamId stream, StreamEnd end) override;
  void on_pong() override {}
  void on_goaway(Goodbye goodbye, const std::string& reason) override;

  Result<void> wait(short events, SteadyTime deadline, Stop stop) const;
  Result<void> exchange_bytes(SteadyTime deadline, Stop stop);
  Result<void> read_some();
  void write_some();
  void say_goodbye();

  const LinkClient::Options& options_;
  std::string where_;
  Descriptor socket_;
  int fd_ = socket_.get();
  Session session_;
  std::string out_;
  Answer answer_;
  bool complete_ = false;
  std::optional<Error> failure_;
};

void Exchange::on_secured(const std::string& peer_key) {
  if (peer_key == options_.peer_key) {
    static_cast<void>(session_.admit());  // inside of an event it only notes it
    return;
  }
  failure_ = make_error(Errc::not_allowed,
                        where_ + " answered with the node key " + crypto::to_hex(peer_key) +
                            ", expected " + crypto::to_hex(options_.peer_key),
                        "Another host has that address, or that node was installed anew.");
}

void Exchange::on_closed(StreamId /*stream*/, StreamEnd end) {
  if (complete_ || failure_) {
    return;
  }
  failure_ = end == StreamEnd::too_large
                 ? make_error(Errc::too_large,
                              "the call to " + where_ + " or its answer is larger than the limit")
                 : make_error(Errc::failed, where_ + " broke off the call");
}

void Exchange::on_goaway(Goodbye goodbye, const std::string& reason) {
  if (complete_ || failure_) {
    return;
  }
  failure_ = goodbye == Goodbye::refused
                 ? make_error(Errc::not_allowed, where_ + " refused the link: " + reason)
                 : make_error(Errc::failed, where_ + " ended the link: " + reason);
}

Result<void> Exchange::wait(short events, SteadyTime deadline, Stop stop) const {
  while (true) {
    if (options_.interrupted != nullptr && options_.interrupted->load()) {
      return make_error(Errc::interrupted, "the call to " + where_ + " was interrupted");
    }
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - steady_clock::now());
    if (left <= Milliseconds(0)) {
      return stop == Stop::no_connection
                 ? make_error(Errc::unreachable, where_ + " did not answer in time",
                              "Is the mesh up on both hosts? `orama mesh` shows it.")
                 : make_error(Errc::timeout, where_ + " gave no answer in time");
    }
    pollfd look{fd_, events, 0};
    const int ready = ::poll(&look, 1, static_cast<int>(std::min(left, kLookEvery).count()) + 1);
    if (ready > 0) {
      return {};
    }
    if (ready < 0 && errno != EINTR) {
      return make_error(Errc::failed, std::string("waiting for a link: ") + std::strerror(errno));
    }
  }
}

Result<void> Exchange::connect() {
  sockaddr_storage address{};
  const socklen_t length = fill_address(options_.address, options_.port, address);
  const auto refused = [this](int reason) {
    return make_error(Errc::unreachable, "cannot reach " + where_ + ": " + std::strerror(reason));
  };
  if (fd_ < 0) {
    return refused(errno);
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const SteadyTime deadline = steady_clock::now() + options_.connect_within;
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    if (errno != EINPROGRESS) {
      return refused(errno);
    }
    TRY_VOID(wait(POLLOUT, deadline, Stop::no_connection));
    int failed = 0;
    socklen_t size = sizeof failed;
    if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &failed, &size) != 0 || failed != 0) {
      return refused(failed);
    }
  }
  while (!session_.is_admitted()) {
    TRY_VOID(exchange_bytes(deadline, Stop::no_connection));
  }
  return {};
}

Result<Answer> Exchange::run(std::string_view path, const std::string& body, Milliseconds timeout) {
  const SteadyTime deadline = steady_clock::now() + timeout;
  TRY(stream, session_.open(path));
  session_.send(stream, body);
  session_.finish(stream);
  while (!complete_) {
    TRY_VOID(exchange_bytes(deadline, Stop::no_answer));
  }
  say_goodbye();
  return std::move(answer_);
}

// One turn: what there is to say, then what has come.
Result<void> Exchange::exchange_bytes(SteadyTime deadline, Stop stop) {
  write_some();
  if (failure_) {
    return *failure_;
  }
  const short events = static_cast<short>(out_.empty() ? POLLIN : POLLIN | POLLOUT);
  TRY_VOID(wait(events, deadline, stop));
  Result<void> read = read_some();
  if (failure_) {
    return *failure_;
  }
  return read;
}

void Exchange::write_some() {
  if (out_.empty()) {
    out_ = session_.take_output();
  }
  while (!out_.empty()) {
    const ssize_t sent = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      return;  // full, or the peer left: what it said before is read first, its end is found there
    }
    out_.erase(0, static_cast<std::size_t>(sent));
    if (out_.empty()) {
      out_ = session_.take_output();
    }
  }
}

Result<void> Exchange::read_some() {
  std::array<char, 16384> buffer{};
  const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    return {};
  }
  if (got < 0) {
    return make_error(Errc::failed, "the link to " + where_ + " broke: " + std::strerror(errno));
  }
  if (got > 0) {
    TRY_VOID(session_.receive({buffer.data(), static_cast<std::size_t>(got)})
                 .while_doing("calling " + where_));
  }
  if ((got == 0 || session_.ended()) && !complete_) {
    return make_error(
        Errc::failed,
        where_ + " closed the link" +
            (session_.end_reason().empty() ? std::string() : " (" + session_.end_reason() + ")"));
  }
  return {};
}

// As far as the socket takes it: the answer is here, so nothing is waited for.
void Exchange::say_goodbye() {
  session_.shut_down("done");
  write_some();
}

}  // namespace

LinkClient::LinkClient(LinkIdentity identity, Options options)
    : identity_(std::move(identity)), options_(std::move(options)) {}

Result<Answer> LinkClient::call(std::string_view path, const nlohmann::json& body,
                                std::chrono::milliseconds timeout) const {
  if (options_.peer_key.size() != kNodeKeyBytes || !path.starts_with('/')) {
    return make_error(Errc::invalid_argument,
                      "calling over a link needs a node key of 32 bytes and a path from /");
  }
  std::string text;
  try {
    text = body.dump();
  } catch (const nlohmann::json::exception&) {
    return make_error(Errc::invalid_argument, "a call over a link holds text that is not UTF-8");
  }
  const std::string where = options_.address.for_url() + ":" + std::to_string(options_.port);
  Exchange exchange(identity_, options_, where);
  TRY_VOID(exchange.connect());
  return exchange.run(path, text, timeout);
}

}  // namespace orama::link
