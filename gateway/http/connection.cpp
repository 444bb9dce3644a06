#include "gateway/http/connection.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/clock.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/exchange.h"
#include "gateway/http/limits.h"
#include "gateway/http/message.h"
#include "gateway/http/request_head.h"
#include "gateway/http/request_parser.h"
#include "gateway/http/response_writer.h"

namespace orama::gateway::http {

namespace {

constexpr asio::as_tuple_t<asio::use_awaitable_t<asio::io_context::executor_type>> kTuple{};

ApiError too_slow() {
  return make_api_error(ApiCode::request_timeout, "the request was sent too slowly");
}

ApiError shutting_down() {
  return make_api_error(ApiCode::shutting_down, "the gateway is stopping");
}

}  // namespace

Connection::Connection(Socket socket, Peer peer, Surroundings surroundings)
    : socket_(std::move(socket)), peer_(std::move(peer)), around_(surroundings) {
  exchange_.peer = &peer_;
  exchange_.worker = around_.worker;
  exchange_.body = this;
  exchange_.clock = this;
  begin_phase(Phase::fresh, around_.timeouts.head);
}

Awaitable<void> Connection::run() {
  bool open = true;
  while (open) {
    const Next next = co_await read_head();
    if (next == Next::request) {
      open = co_await answer();
    } else if (next == Next::refusal) {
      open = co_await refuse_and_write(refusal_);
    } else {
      open = false;
    }
  }
}

Awaitable<void> Connection::run_refused(ApiError error) {
  exchange_.started = std::chrono::steady_clock::now();
  co_await refuse_and_write(std::move(error));
}

// Waits for a whole head. A connection that ends between requests or in a head gets no answer.
Awaitable<Connection::Next> Connection::read_head() {
  exchange_.reset();
  parser_.reset();
  buffer_.shrink();
  if (phase_ != Phase::fresh) {
    begin_phase(Phase::idle, around_.timeouts.idle);
  }
  while (true) {
    if (!buffer_.empty()) {
      if (phase_ != Phase::head) {
        begin_phase(Phase::head, around_.timeouts.head);
        exchange_.started = std::chrono::steady_clock::now();
      }
      buffer_.consume(parser_.advance(buffer_.view(), exchange_.head));
      if (parser_.state() == RequestParser::State::head_complete) {
        co_return Next::request;
      }
      if (parser_.state() == RequestParser::State::failed) {
        refusal_ = parser_.error();
        co_return Next::refusal;
      }
      if (overdue_) {
        refusal_ = too_slow();
        co_return Next::refusal;
      }
    }
    const Fill outcome = co_await fill();
    if (outcome == Fill::data) {
      continue;
    }
    if (phase_ != Phase::head || outcome == Fill::closed) {
      co_return Next::end;
    }
    refusal_ = outcome == Fill::cut ? shutting_down() : too_slow();
    co_return Next::refusal;
  }
}

// True when the connection goes on.
Awaitable<bool> Connection::answer() {
  fill_request();
  co_await around_.service.serve(exchange_);
  if (interruption_ != Interruption::none) {
    interruption_ = Interruption::none;
    co_await asio::this_coro::reset_cancellation_state();
  }
  const RequestHead& head = exchange_.head;
  const bool unread = head.has_body() && parser_.state() == RequestParser::State::head_complete;
  const bool droppable =
      !head.expects_continue && head.content_length.value_or(0) <= kMaxDroppedBody;
  exchange_.close = exchange_.close || !head.keep_alive || draining_ || (unread && !droppable);
  const bool written = co_await write_answer();
  if (!written) {
    co_return false;
  }
  if (!exchange_.close && unread) {
    const std::optional<ApiError> failed = co_await receive_body(kMaxDroppedBody, Keep::nothing);
    exchange_.close = failed.has_value();
  }
  if (exchange_.close) {
    co_await linger();
    co_return false;
  }
  co_return true;
}

Awaitable<bool> Connection::refuse_and_write(ApiError error) {
  exchange_.head.reset();
  exchange_.request = Request();
  exchange_.request.method = Method::other;
  exchange_.close = true;
  around_.service.refuse(exchange_, std::move(error));
  const bool written = co_await write_answer();
  if (written) {
    co_await linger();
  }
  co_return false;
}

void Connection::fill_request() {
  const RequestHead& head = exchange_.head;
  Request& request = exchange_.request;
  request.method = head.method;
  request.target = head.target;
  request.path = head.path;
  request.query = head.query;
  request.headers = &head.headers;
  request.peer = peer_.credentials ? &*peer_.credentials : nullptr;
  deadline_ = SteadyTime::max();
}

Awaitable<std::optional<ApiError>> Connection::receive_body(std::size_t limit, Keep keep) {
  begin_phase(Phase::body, around_.timeouts.body);
  parser_.begin_body(exchange_.head, limit,
                     keep == Keep::all ? RequestParser::Keep::all : RequestParser::Keep::nothing);
  bool may_wait_for_continue = exchange_.head.expects_continue;
  while (parser_.state() == RequestParser::State::body) {
    buffer_.consume(parser_.advance(buffer_.view(), exchange_.head));
    if (parser_.state() != RequestParser::State::body) {
      break;
    }
    if (std::exchange(may_wait_for_continue, false) && parser_.body_size() == 0) {
      const bool written = co_await write("HTTP/1.1 100 Continue\r\n\r\n", {});
      begin_phase(Phase::body, around_.timeouts.body);
      if (!written) {
        exchange_.close = true;
        co_return too_slow();
      }
    }
    const Fill outcome = co_await fill();
    if (outcome != Fill::data && outcome != Fill::drained) {
      exchange_.close = true;
      co_return outcome == Fill::cut ? shutting_down() : too_slow();
    }
    begin_phase(Phase::body, around_.timeouts.body);
  }
  deadline_ = SteadyTime::max();
  exchange_.bytes_in = parser_.body_size();
  if (parser_.state() == RequestParser::State::failed) {
    exchange_.close = true;
    co_return parser_.error();
  }
  exchange_.request.body = parser_.body();
  co_return std::nullopt;
}

void Connection::start_handler(std::chrono::milliseconds limit) {
  interruption_ = Interruption::none;
  begin_phase(Phase::handler, cut_ ? std::chrono::milliseconds(0) : limit);
}

Interruption Connection::stop_handler() {
  deadline_ = SteadyTime::max();
  phase_ = Phase::writing;
  return interruption_;
}

Awaitable<bool> Connection::write_answer() {
  write_response_head(exchange_, around_.date.at(std::chrono::system_clock::now()), out_);
  const std::string_view body =
      sends_body(exchange_) ? std::string_view(exchange_.response.body) : std::string_view();
  const bool written = co_await write(out_, body);
  around_.service.finished(exchange_, written ? body.size() : 0);
  co_return written;
}

// Writes first without waiting (stack.md 3), then waits for the rest.
Awaitable<bool> Connection::write(std::string_view head, std::string_view body) {
  begin_phase(Phase::writing, around_.timeouts.write);
  while (!head.empty() || !body.empty()) {
    const std::array<asio::const_buffer, 2> parts{asio::buffer(head), asio::buffer(body)};
    boost::system::error_code failure;
    std::size_t sent = socket_.write_some(parts, failure);
    if (failure == asio::error::would_block) {
      const auto [waited, count] = co_await socket_.async_write_some(parts, kTuple);
      failure = waited;
      sent = count;
      begin_phase(Phase::writing, around_.timeouts.write);
    }
    if (failure) {
      co_return false;
    }
    const std::size_t of_head = std::min(sent, head.size());
    head.remove_prefix(of_head);
    body.remove_prefix(sent - of_head);
  }
  deadline_ = SteadyTime::max();
  co_return true;
}

// Reads on for a moment after the last answer: closing a socket that holds unread bytes resets the
// connection, and the answer may be lost with it.
Awaitable<void> Connection::linger() {
  boost::system::error_code failure;
  socket_.shutdown(asio::socket_base::shutdown_send, failure);
  begin_phase(Phase::lingering, around_.timeouts.linger);
  while (!failure) {
    buffer_.consume(buffer_.view().size());
    const Fill outcome = co_await fill();
    if (outcome != Fill::data || overdue_) {
      co_return;
    }
  }
}

Awaitable<Connection::Fill> Connection::fill() {
  if (cut_) {
    co_return Fill::cut;
  }
  const ReadBuffer::Space space = buffer_.space();
  const auto [failure, count] =
      co_await socket_.async_read_some(asio::buffer(space.data, space.size), kTuple);
  if (!failure) {
    buffer_.produced(count);
    co_return Fill::data;
  }
  if (failure != asio::error::operation_aborted) {
    co_return Fill::closed;
  }
  // Somebody woke the read up. What came in the meantime is answered all the same.
  if (read_what_is_there()) {
    co_return Fill::data;
  }
  if (cut_) {
    co_return Fill::cut;
  }
  co_return overdue_ ? Fill::overdue : Fill::drained;
}

bool Connection::read_what_is_there() {
  const ReadBuffer::Space space = buffer_.space();
  boost::system::error_code failure;
  const std::size_t count = socket_.read_some(asio::buffer(space.data, space.size), failure);
  buffer_.produced(failure ? 0 : count);
  return !failure && count > 0;
}

void Connection::begin_phase(Phase phase, std::chrono::milliseconds limit) {
  phase_ = phase;
  overdue_ = false;
  deadline_ = std::chrono::steady_clock::now() + limit;
}

void Connection::tick(SteadyTime now) {
  if (now < deadline_) {
    return;
  }
  deadline_ = SteadyTime::max();
  if (phase_ == Phase::handler) {
    interruption_ = cut_ ? Interruption::shutting_down : Interruption::time_limit;
    interrupt_.emit(asio::cancellation_type::terminal);
    return;
  }
  overdue_ = true;
  boost::system::error_code ignored;  // a socket that cannot be cancelled is closed already
  socket_.cancel(ignored);
}

void Connection::begin_drain() {
  draining_ = true;
  if (phase_ == Phase::fresh) {
    deadline_ =
        std::min(deadline_, std::chrono::steady_clock::now() + around_.timeouts.drain_grace);
  } else if (phase_ == Phase::idle) {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }
}

void Connection::cut() {
  cut_ = true;
  if (phase_ == Phase::handler) {
    interruption_ = Interruption::shutting_down;
    interrupt_.emit(asio::cancellation_type::terminal);
  } else if (phase_ != Phase::writing) {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }
}

void Connection::abort() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace orama::gateway::http
