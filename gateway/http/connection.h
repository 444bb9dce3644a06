// One connection, TCP or unix: reads requests in order, asks the service, writes the answers. Lives
// on one thread; its coroutine keeps it alive. Deadlines are looked at by tick(), so that a request
// costs no timer. A handler that must end early is cancelled through slot(); see route.h for what
// that asks of handlers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include "common/clock.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/exchange.h"
#include "gateway/http/limits.h"
#include "gateway/http/read_buffer.h"
#include "gateway/http/request_parser.h"
#include "gateway/http/response_writer.h"
#include "gateway/http/service.h"

namespace orama::gateway::http {

using Socket =
    asio::basic_stream_socket<asio::generic::stream_protocol, asio::io_context::executor_type>;

class Connection final : public BodySource, public HandlerClock {
 public:
  // What all connections of a thread share; outlives them.
  struct Surroundings {
    Service& service;
    const Timeouts& timeouts;
    DateCache& date;
    std::size_t worker;
  };
  Connection(Socket socket, Peer peer, Surroundings surroundings);

  Awaitable<void> run();
  // One answer, whatever comes, then the end: too many connections.
  Awaitable<void> run_refused(ApiError error);
  asio::cancellation_slot slot() { return interrupt_.slot(); }

  // From the same thread:
  void tick(SteadyTime now);  // ends what is overdue
  void begin_drain();         // the next answer is the last; nothing new is waited for
  void cut();                 // the drain's deadline: 503 for what still runs
  void abort();               // closes the socket

  std::size_t place = 0;  // in the list of its thread; the server's

 private:
  enum class Phase : std::uint8_t { fresh, idle, head, handler, body, writing, lingering };
  enum class Fill : std::uint8_t { data, closed, overdue, cut, drained };
  enum class Next : std::uint8_t { request, refusal, end };

  Awaitable<std::optional<ApiError>> receive_body(std::size_t limit, Keep keep) override;
  void start_handler(std::chrono::milliseconds limit) override;
  Interruption stop_handler() override;

  Awaitable<Next> read_head();
  Awaitable<bool> answer();
  Awaitable<bool> refuse_and_write(ApiError error);
  Awaitable<bool> write_answer();
  Awaitable<bool> write(std::string_view head, std::string_view body);
  Awaitable<void> linger();
  Awaitable<Fill> fill();
  bool read_what_is_there();
  void begin_phase(Phase phase, std::chrono::milliseconds limit);
  void fill_request();

  Socket socket_;
  Peer peer_;
  Surroundings around_;
  asio::cancellation_signal interrupt_;
  ReadBuffer buffer_;
  RequestParser parser_;
  Exchange exchange_;
  std::string out_;
  ApiError refusal_;
  SteadyTime deadline_ = SteadyTime::max();
  Phase phase_ = Phase::fresh;
  Interruption interruption_ = Interruption::none;
  bool overdue_ = false, draining_ = false, cut_ = false;
};

}  // namespace orama::gateway::http
