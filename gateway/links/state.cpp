#include "gateway/links/state.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/crypto/encoding.h"
#include "common/crypto/random.h"
#include "common/json.h"
#include "common/link/identity.h"
#include "common/link/session.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/http/awaitable.h"
#include "gateway/links/connection.h"
#include "gateway/links/links.h"

namespace orama::gateway::links {

namespace {

using std::chrono::milliseconds;
constexpr asio::as_tuple_t<asio::use_awaitable_t<asio::io_context::executor_type>> kTuple{};
constexpr int kAcceptsInARow = 64;  // then other work of the thread has its turn
constexpr milliseconds kShortestTick{5}, kLongestTick{500};

// A listener is given back open: its queue belongs to whoever holds the socket.
struct ReleaseListener {
  void operator()(Listener* listener) const {
    if (listener->is_open()) {
      listener->release();
    }
    std::default_delete<Listener>()(listener);
  }
};

std::string error_body(const char* code, const std::string& message) {
  return nlohmann::json{{"error", message}, {"code", code}}.dump();
}

}  // namespace

LinksState::LinksState(asio::io_context& context, link::LinkIdentity identity, LinksOptions options,
                       LinksNeeds needs, crypto::Random& random, const Log& log)
    : context_(context),
      identity_(std::move(identity)),
      options_(std::move(options)),
      needs_(std::move(needs)),
      random_(random),
      log_(log.named("links")),
      ticks_(context) {}

void LinksState::accept_on(int descriptor) {
  asio::post(context_, [self = shared_from_this(), descriptor] {
    if (!self->stopped_) {
      std::shared_ptr<Listener> listener(new Listener(self->context_, descriptor),
                                         ReleaseListener());
      self->listeners_.push_back(listener);
      self->wait_for_connections(listener);
      self->tick_later();
    }
  });
}

void LinksState::wait_for_connections(const std::shared_ptr<Listener>& listener) {
  listener->async_wait(Listener::wait_read, [self = shared_from_this(),
                                             listener](const boost::system::error_code& failure) {
    if (self->stopped_) {
      return;
    }
    if (failure) {
      self->log_.error("a listening socket is not accepted on any more",
                       {{"error", failure.message()}});
      return;
    }
    Accepted last = Accepted::connection;
    for (int i = 0; i < kAcceptsInARow && last == Accepted::connection; ++i) {
      last = self->accept_one(listener->native_handle());
    }
    if (last == Accepted::out_of_descriptors) {
      self->pausing_.push_back(listener);  // the next tick goes on
    } else {
      self->wait_for_connections(listener);
    }
  });
}

LinksState::Accepted LinksState::accept_one(int listener) {
  const int descriptor = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) {
    switch (errno) {
      case EAGAIN:
        return Accepted::queue_empty;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        log_.warn("cannot accept a connection of a link", {{"error", std::strerror(errno)}});
        return Accepted::out_of_descriptors;
      default:
        return Accepted::connection;  // that one is gone (accept(2)): the next
    }
  }
  const auto accepted =
      std::count_if(connections_.begin(), connections_.end(), [](const ConnectionPtr& connection) {
        return connection->kind() == Connection::Kind::accepted;
      });
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  Socket socket(context_);
  boost::system::error_code failure;
  if (static_cast<std::size_t>(accepted) >= options_.max_connections ||
      ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    ::close(descriptor);
    return Accepted::connection;
  }
  socket.assign(asio::generic::stream_protocol(address.ss_family, 0), descriptor, failure);
  if (failure) {
    ::close(descriptor);
    return Accepted::connection;
  }
  const auto connection = std::make_shared<Connection>(shared_from_this(), std::move(socket),
                                                       Connection::Kind::accepted, "");
  connections_.insert(connection);
  connection->start();
  return Accepted::connection;
}

void LinksState::tick_later() {
  if (std::exchange(ticking_, true)) {
    return;
  }
  ticks_.expires_after(std::clamp(options_.ping_every / 10, kShortestTick, kLongestTick));
  ticks_.async_wait([self = shared_from_this()](const boost::system::error_code& /*unused*/) {
    self->ticking_ = false;
    if (self->stopped_) {
      return;
    }
    const SteadyTime now = std::chrono::steady_clock::now();
    // From a copy: what a tick ends leaves the set.
    for (const ConnectionPtr& connection :
         std::vector<ConnectionPtr>(self->connections_.begin(), self->connections_.end())) {
      connection->tick(now);
    }
    for (const std::shared_ptr<Listener>& listener : std::exchange(self->pausing_, {})) {
      self->wait_for_connections(listener);
    }
    if (!self->stopped_) {
      self->tick_later();
    }
  });
}

void LinksState::secured(const ConnectionPtr& connection) {
  const std::string& expected = connection->expected_key();
  if (!expected.empty() && connection->peer_key() != expected) {
    log_.warn("a peer was dialed and another key answered",
              {{"expected", crypto::to_hex(expected)},
               {"found", crypto::to_hex(connection->peer_key())}});
    connection->shut_down("another node was expected at this address", link::Goodbye::refused);
  } else if (!expected.empty() || peer_of(connection->peer_key()) != nullptr) {
    connection->admit();
  } else {
    spawn(context_, "link key", judge(shared_from_this(), connection), log_);
  }
}

// A key that is not among the peers: a joiner's, or of a member of which this gateway has not
// heard.
Awaitable<void> LinksState::judge(std::shared_ptr<LinksState> self, ConnectionPtr connection) {
  bool known = false;
  std::string key = connection->peer_key();
  try {
    known = co_await self->needs_.is_known(std::move(key));
  } catch (const std::exception& e) {
    self->log_.error("looking up a node key failed", {{"exception", e.what()}});
  }
  if (self->stopped_ || !connection->is_open()) {
    co_return;
  }
  if (known) {
    connection->admit();
  } else {
    self->log_.warn("a link was refused: its key belongs to no member",
                    {{"key", crypto::to_hex(connection->peer_key())}});
    connection->shut_down("the key of that node is not known here", link::Goodbye::refused);
  }
}

void LinksState::request(const ConnectionPtr& connection, link::StreamId stream,
                         const std::string& path, const std::string& body) {
  if (handlers.count(path) == 0) {
    connection->answer(stream, 404, error_body("NOT_FOUND", "no such path on a link"));
    return;
  }
  if (running_.size() >= options_.max_requests) {
    connection->answer(stream, 503, error_body("OVERLOADED", "too many requests run"));
    return;
  }
  Result<nlohmann::json> content =
      body.empty() ? Result<nlohmann::json>(nlohmann::json()) : parse_json(body);
  if (!content.ok()) {
    connection->answer(stream, 400, error_body("INVALID_JSON", content.error().message));
    return;
  }
  Caller caller;
  caller.key = connection->peer_key();
  if (const PeerPtr peer = peer_of(caller.key); peer != nullptr) {
    caller.peer_id = peer->peer.id;
  }
  const auto signal = std::make_shared<asio::cancellation_signal>();
  running_.insert(signal);
  auto ended = [self = shared_from_this(), signal](const std::exception_ptr& /*run_request's*/) {
    self->running_.erase(signal);
  };
  asio::co_spawn(context_,
                 run_request(shared_from_this(), connection, stream, path, std::move(caller),
                             std::move(*content)),
                 asio::bind_cancellation_slot(signal->slot(), std::move(ended)));
}

Awaitable<void> LinksState::run_request(std::shared_ptr<LinksState> self, ConnectionPtr connection,
                                        link::StreamId stream, std::string path, Caller caller,
                                        nlohmann::json body) {
  Reply reply(500, nlohmann::json{{"error", "the request failed"}, {"code", "INTERNAL"}});
  try {
    Reply given = co_await self->handlers.at(path)(std::move(caller), std::move(body));
    reply = std::move(given);
  } catch (const std::exception& e) {
    if (!self->stopped_) {
      self->log_.error("a request of a link ended by an exception",
                       {{"path", path}, {"exception", e.what()}});
    }
  }
  if (!self->stopped_) {
    const auto replace = nlohmann::json::error_handler_t::replace;
    connection->answer(stream, reply.status, reply.body.dump(-1, ' ', false, replace));
  }
}

Awaitable<Result<link::Answer>> LinksState::call(std::shared_ptr<LinksState> self, std::string id,
                                                 std::string path, nlohmann::json body,
                                                 milliseconds timeout) {
  const auto found = self->peers_.find(id);
  if (self->stopped_ || found == self->peers_.end() || found->second->live == nullptr) {
    co_return make_error(Errc::unreachable, "there is no link to node " + id);
  }
  const PeerPtr peer = found->second;
  ConnectionPtr connection = peer->live;
  if (connection->kind() == Connection::Kind::accepted) {
    if (peer->for_calls == nullptr) {
      peer->for_calls = self->dial(peer->peer, Connection::Kind::for_calls);
    }
    connection = peer->for_calls;
  }
  const auto call = std::make_shared<OutgoingCall>(
      self->context_, std::move(path),
      body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  call->timer.expires_after(timeout);
  if (connection != nullptr) {  // else it failed at once
    connection->begin_call(call);
  }
  if (connection != nullptr && !call->done) {
    co_await call->timer.async_wait(kTuple);
  }
  if (!call->done) {
    if (connection != nullptr) {
      connection->cancel_call(call);
    }
    co_return make_error(Errc::timeout, "node " + id + " gave no answer within " +
                                            std::to_string(timeout.count()) + " ms");
  }
  if (call->error) {
    Result<link::Answer> failed = *call->error;
    co_return std::move(failed).while_doing("calling node " + id);
  }
  co_return std::move(call->answer);
}

void LinksState::stop() {
  if (std::exchange(stopped_, true)) {
    return;
  }
  ticks_.cancel();
  pausing_.clear();
  for (const std::shared_ptr<Listener>& listener : std::exchange(listeners_, {})) {
    listener->cancel();
    listener->release();
  }
  for (const auto& [id, peer] : std::exchange(peers_, {})) {
    peer->removed = true;
    peer->timer.cancel();
    peer->live = peer->dialed = peer->for_calls = nullptr;
  }
  for (const ConnectionPtr& connection : std::exchange(connections_, {})) {
    connection->stop();
  }
  for (const Signal& signal : std::exchange(running_, {})) {
    signal->emit(asio::cancellation_type::terminal);
  }
  const std::scoped_lock lock(mutex_);
  up_.clear();
}

}  // namespace orama::gateway::links
