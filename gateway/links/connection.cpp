#include "gateway/links/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/link/frame.h"
#include "common/link/session.h"
#include "common/link/tls_channel.h"
#include "common/result.h"
#include "gateway/links/links.h"
#include "gateway/links/state.h"

namespace orama::gateway::links {

namespace {

using std::chrono::steady_clock;
constexpr std::chrono::milliseconds kGoodbye{1000};  // to say why, and for the peer to read it

link::SessionLimits limits_of(const LinksOptions& options) {
  link::SessionLimits limits;
  limits.body_bytes = options.max_body_bytes;
  return limits;
}

}  // namespace

Connection::Connection(std::shared_ptr<LinksState> state, Socket socket, Kind kind,
                       std::string expected_key)
    : state_(std::move(state)),
      socket_(std::move(socket)),
      kind_(kind),
      expected_key_(std::move(expected_key)),
      session_(kind == Kind::accepted ? link::Side::server : link::Side::client, state_->identity(),
               *this, limits_of(state_->options())) {
  set_deadline(state_->options().handshake_within, "no link within the time for it");
}

void Connection::set_deadline(std::chrono::milliseconds within, const char* overdue) {
  deadline_ = steady_clock::now() + within;
  overdue_ = overdue;
}

void Connection::connect(const asio::generic::stream_protocol::endpoint& peer) {
  boost::system::error_code failure;
  socket_.open(peer.protocol(), failure);
  if (failure) {
    close("cannot make a socket: " + failure.message());
    return;
  }
  socket_.async_connect(peer,
                        [self = shared_from_this()](const boost::system::error_code& refused) {
                          if (self->closed_) {
                            return;
                          }
                          if (refused) {
                            self->close("cannot connect: " + refused.message());
                          } else {
                            self->start();
                          }
                        });
}

void Connection::start() {
  const int on = 1;
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connected_ = true;
  last_heard_ = last_ping_ = last_call_ = steady_clock::now();
  flush();
  read_next();
}

void Connection::admit() {
  if (!is_open() || session_.is_admitted()) {
    return;
  }
  if (kind_ != Kind::dialed) {
    deadline_ = SteadyTime::max();  // a link that was dialed has it until the hello
  }
  if (Result<void> admitted = session_.admit(); !admitted.ok()) {
    shut_down(admitted.error().message, link::Goodbye::ended);
    return;
  }
  if (kind_ == Kind::dialed) {
    if (Result<link::StreamId> stream = session_.open(link::kMessagesPath); stream.ok()) {
      messages_ = *stream;
      session_.limit_body(messages_, SIZE_MAX);
      hello_due_ = true;
    }
  }
  for (const std::shared_ptr<OutgoingCall>& call : std::exchange(waiting_, {})) {
    begin_call(call);
  }
  dispatch();
  turn();
  read_next();
}

void Connection::greet() {
  greeted_ = true;
  deadline_ = SteadyTime::max();
}

void Connection::read_next() {
  const bool waits = !peer_key().empty() && !session_.is_admitted() && !leaving_;
  if (reading_ || closed_ || waits) {
    return;
  }
  reading_ = true;
  socket_.async_read_some(
      asio::buffer(buffer_),
      [self = shared_from_this()](const boost::system::error_code& failure, std::size_t bytes) {
        self->reading_ = false;
        if (self->closed_) {
          return;
        }
        if (failure) {
          self->close(failure == asio::error::eof ? "the peer closed the connection"
                                                  : failure.message());
        } else {
          self->received(bytes);
        }
      });
}

void Connection::received(std::size_t bytes) {
  if (!leaving_) {  // else it is only read so that the peer's end is seen
    last_heard_ = steady_clock::now();
    state_->heard(*this, last_heard_);
    const Result<void> read = session_.receive({buffer_.data(), bytes});
    dispatch();
    if (!read.ok()) {
      leave(read.error().message);
    }
    turn();
  }
  read_next();
}

void Connection::dispatch() {
  const std::shared_ptr<Connection> self = shared_from_this();
  const bool nested = std::exchange(dispatching_, true);
  if (std::exchange(secured_, false)) {
    state_->secured(self);
  }
  if (std::exchange(hello_due_, false) && is_open()) {
    say_hello();
  }
  for (const nlohmann::json& message : std::exchange(inbox_, {})) {
    if (is_open()) {
      state_->message(self, message);
    }
  }
  for (const link::StreamId stream : std::exchange(ready_, {})) {
    const auto request = requests_.extract(stream);
    if (is_open() && !request.empty()) {
      state_->request(self, stream, request.mapped().path, request.mapped().body);
    }
  }
  dispatching_ = nested;
  if (!fault_.empty()) {
    shut_down(fault_, link::Goodbye::ended);
  }
}

void Connection::say_hello() {
  nlohmann::json hello;
  try {
    hello = state_->needs().hello();
  } catch (const std::exception& e) {
    shut_down(std::string("this node has no hello: ") + e.what(), link::Goodbye::ended);
    return;
  }
  hello["type"] = "hello";
  const Result<std::string> frame = link::encode_message(hello);
  if (frame.ok()) {
    send_frame(*frame);
  } else {
    shut_down("this node's hello cannot be written: " + frame.error().message,
              link::Goodbye::ended);
  }
}

void Connection::turn() {
  if (is_open() && messages_ != 0 && !retiring_) {
    state_->refill(*this);
  }
  flush();
  settle();
}

void Connection::flush() {
  if (closed_ || !connected_ || writing_) {
    return;
  }
  out_ = session_.take_output();
  if (out_.empty()) {
    if (leaving_ && !half_closed_) {
      half_closed_ = true;
      boost::system::error_code gone;  // then there is nobody to tell
      socket_.shutdown(Socket::shutdown_send, gone);
    }
    return;
  }
  writing_ = true;
  asio::async_write(
      socket_, asio::buffer(out_),
      [self = shared_from_this()](const boost::system::error_code& failure, std::size_t /*bytes*/) {
        self->writing_ = false;
        if (failure && !self->closed_) {
          self->close(failure.message());
        } else if (!self->closed_) {
          self->turn();
        }
      });
}

// What follows from streams and sessions that have ended, once all that came before is dispatched.
void Connection::settle() {
  if (!is_open() || dispatching_) {
    return;
  }
  if (session_.ended()) {
    leave(session_.end_reason());
    flush();
  } else if (messages_over_ && !retiring_) {
    shut_down("its messages have ended", link::Goodbye::ended);
  } else if (retiring_ && messages_over_ && session_.open_streams() == 0) {
    shut_down("the other connection of this pair stays", link::Goodbye::ended);
  }
}

void Connection::retire() {
  if (is_open() && !retiring_) {
    retiring_ = true;
    set_deadline(kRetirement, "the other connection of this pair stays");
    session_.finish(messages_);
    turn();
  }
}

void Connection::shut_down(const std::string& reason, link::Goodbye goodbye) {
  if (!is_open()) {
    return;
  }
  if (peer_key().empty()) {
    close(reason);
    return;
  }
  session_.shut_down(reason, goodbye);
  leave(reason);
  flush();
  read_next();
}

// From here on it is no link any more; what remains is to be polite within a second.
void Connection::leave(const std::string& reason) {
  if (!leaving_) {
    leaving_ = true;
    set_deadline(kGoodbye, "");
    fail_calls(reason);
    state_->leaving(*this, reason);
  }
}

void Connection::close(const std::string& reason) {
  if (!closed_) {
    leave(reason);
    closed_ = true;
    boost::system::error_code gone;
    socket_.close(gone);
    state_->closed(shared_from_this());
  }
}

void Connection::stop() {
  if (closed_) {
    return;
  }
  if (connected_ && !writing_ && is_open() && !peer_key().empty()) {
    session_.shut_down("the gateway stops", link::Goodbye::ended);
    const std::string last = session_.take_output();
    // Whether the socket takes it or not: the peer sees the end.
    static_cast<void>(
        ::send(socket_.native_handle(), last.data(), last.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  }
  leaving_ = closed_ = true;
  fail_calls("the gateway stops");
  boost::system::error_code gone;
  socket_.close(gone);
}

void Connection::tick(SteadyTime now) {
  if (closed_) {
    return;
  }
  if (now >= deadline_) {
    close(overdue_);
    return;
  }
  if (!is_open() || !session_.is_admitted()) {
    return;
  }
  const LinksOptions& options = state_->options();
  if (now - last_heard_ >= options.silence) {
    shut_down("silent for " + std::to_string(options.silence.count()) + " ms",
              link::Goodbye::ended);
    return;
  }
  if (kind_ == Kind::for_calls && calls_.empty() && now - last_call_ >= options.silence) {
    shut_down("idle", link::Goodbye::ended);
    return;
  }
  if (now - last_ping_ >= options.ping_every) {
    last_ping_ = now;
    session_.ping();
    turn();
  }
}

}  // namespace orama::gateway::links
