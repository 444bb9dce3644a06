#include "gateway/http/server_state.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/connection.h"
#include "gateway/http/exchange.h"
#include "gateway/http/peer.h"
#include "gateway/http/server.h"
#include "gateway/http/service.h"
#include "gateway/http/workers.h"

namespace orama::gateway::http {

namespace {

constexpr asio::as_tuple_t<asio::use_awaitable_t<asio::io_context::executor_type>> kTuple{};
constexpr int kAcceptsInARow = 64;  // then other work of the thread has its turn
constexpr std::size_t kRefusedAtOnce =
    256;  // get their 503; past it a connection is closed without one
constexpr std::chrono::milliseconds kDescriptorPause{100};

using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>,
                                         asio::io_context::executor_type>;

// A listener is given back open, whatever happens: its queue belongs to whoever holds the socket.
struct ReleaseListener {
  void operator()(Listener* listener) const {
    if (listener->is_open()) {
      listener->release();
    }
    std::default_delete<Listener>()(listener);
  }
};

ApiError overloaded() {
  ApiError error;
  error.code = ApiCode::overloaded;
  error.message = "the gateway has too many connections";
  return error;
}

std::string describe(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown exception";
  }
}

}  // namespace

ServerState::ServerState(ServerOptions options, Workers& workers, Service& service, const Log& log)
    : options_(options), service_(service), log_(log.named("http")) {
  for (std::size_t i = 0; i < workers.count(); ++i) {
    lanes_.push_back(std::make_unique<Lane>(workers.context(i), i));
  }
}

void ServerState::accept_on(const ListeningSocket& socket, std::size_t worker) {
  Lane& lane = *lanes_[worker];
  asio::post(lane.context, [self = shared_from_this(), &lane, descriptor = socket.descriptor] {
    std::shared_ptr<Listener> listener(new Listener(lane.context, descriptor), ReleaseListener());
    lane.listeners.push_back(listener);
    spawn(lane.context, "accept", accept_loop(self, lane, std::move(listener)), self->log_);
  });
}

void ServerState::start_ticks() {
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    spawn(lane->context, "deadlines", tick_loop(shared_from_this(), *lane), log_);
  }
}

Awaitable<void> ServerState::accept_loop(std::shared_ptr<ServerState> self, Lane& lane,
                                         std::shared_ptr<Listener> listener) {
  Timer pause(lane.context);
  while (!lane.draining) {
    const auto [failure] = co_await listener->async_wait(Listener::wait_read, kTuple);
    if (lane.draining) {
      co_return;
    }
    if (failure) {
      self->log_.error("a listening socket is not accepted on any more",
                       {{"error", failure.message()}});
      co_return;
    }
    Accepted last = Accepted::connection;
    for (int i = 0; i < kAcceptsInARow && last == Accepted::connection; ++i) {
      last = self->accept_one(lane, listener->native_handle());
    }
    if (last == Accepted::out_of_descriptors) {
      pause.expires_after(kDescriptorPause);
      co_await pause.async_wait(kTuple);
    }
  }
}

ServerState::Accepted ServerState::accept_one(Lane& lane, int listener) {
  const int descriptor = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor >= 0) {
    launch(lane, descriptor);
    return Accepted::connection;
  }
  switch (errno) {
    case EAGAIN:
      return Accepted::queue_empty;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      log_.warn("cannot accept a connection", {{"error", std::strerror(errno)}});
      return Accepted::out_of_descriptors;
    default:
      return Accepted::connection;  // that one is gone (accept(2)): the next
  }
}

// Nothing here may throw: it would end the loop that accepts.
void ServerState::launch(Lane& lane, int descriptor) {
  Result<Peer> peer = read_peer(descriptor);
  Socket socket(lane.context);
  boost::system::error_code failure;
  if (peer.ok()) {
    const int family = peer->is_unix() ? AF_UNIX : (peer->address->is_v4() ? AF_INET : AF_INET6);
    socket.assign(asio::generic::stream_protocol(family, 0), descriptor, failure);
  }
  if (!peer.ok() || failure) {  // it left already, or the kernel has no room for one more
    ::close(descriptor);
    return;
  }
  socket.non_blocking(true, failure);
  if (!peer->is_unix()) {
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // answers go out whole
  }
  const std::size_t open = open_.fetch_add(1, std::memory_order_relaxed) + 1;
  // The admin socket is for finding out what is wrong: it has no limit.
  const bool refused = !peer->is_unix() && open > options_.max_connections;
  if (refused && open > options_.max_connections + kRefusedAtOnce) {
    open_.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  const Connection::Surroundings around{service_, options_.timeouts, lane.date, lane.index};
  auto connection = std::make_shared<Connection>(std::move(socket), *std::move(peer), around);
  connection->place = lane.connections.size();
  lane.connections.push_back(connection);
  Awaitable<void> task = refused ? connection->run_refused(overloaded()) : connection->run();
  auto end = [self = shared_from_this(), &lane, connection](const std::exception_ptr& thrown) {
    self->ended(lane, *connection, thrown);
  };
  asio::co_spawn(lane.context, std::move(task),
                 asio::bind_cancellation_slot(connection->slot(), std::move(end)));
}

void ServerState::ended(Lane& lane, const Connection& connection,
                        const std::exception_ptr& failure) {
  if (failure) {
    log_.error("a connection ended by an exception", {{"exception", describe(failure)}});
  }
  const std::shared_ptr<Connection>& last = lane.connections.back();
  last->place = connection.place;
  std::swap(lane.connections[connection.place], lane.connections.back());
  lane.connections.pop_back();
  if (open_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    const std::scoped_lock lock(mutex_);
    changed_.notify_all();
  }
}

Awaitable<void> ServerState::tick_loop(std::shared_ptr<ServerState> self, Lane& lane) {
  Timer timer(lane.context);
  while (!lane.draining || !lane.connections.empty()) {
    timer.expires_after(self->options_.timeouts.tick);
    co_await timer.async_wait(kTuple);
    const SteadyTime now = std::chrono::steady_clock::now();
    // By index and from a copy of the pointer: what a tick ends may leave the list meanwhile.
    for (std::size_t i = lane.connections.size(); i-- > 0;) {
      if (i < lane.connections.size()) {
        const std::shared_ptr<Connection> connection = lane.connections[i];
        connection->tick(now);
      }
    }
  }
}

void ServerState::release() {
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    lane->listeners.clear();
    lane->connections.clear();
  }
}

void ServerState::post(Step step) {
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    asio::post(lane->context,
               [self = shared_from_this(), &lane = *lane, step] { self->run_step(lane, step); });
  }
}

void ServerState::run_step(Lane& lane, Step step) {
  if (step == Step::drain) {
    lane.draining = true;
    for (const std::shared_ptr<Listener>& listener : lane.listeners) {
      listener->cancel();
    }
    lane.listeners.clear();
  }
  for (std::size_t i = lane.connections.size(); i-- > 0;) {
    if (i >= lane.connections.size()) {
      continue;
    }
    const std::shared_ptr<Connection> connection = lane.connections[i];
    switch (step) {
      case Step::drain:
        connection->begin_drain();
        break;
      case Step::cut:
        connection->cut();
        break;
      case Step::abort:
        connection->abort();
        break;
    }
  }
  if (step == Step::drain) {
    const std::scoped_lock lock(mutex_);
    ++lanes_draining_;
    changed_.notify_all();
  }
}

bool ServerState::wait_until_empty(std::chrono::milliseconds within) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, within, [this] {
    return lanes_draining_ == lanes_.size() && open_.load(std::memory_order_acquire) == 0;
  });
}

}  // namespace orama::gateway::http
