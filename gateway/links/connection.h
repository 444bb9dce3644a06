// One TCP connection of a link: moves the bytes of its session, keeps its deadlines and its
// streams. What a message means, who is welcome and which connection of a pair stays is
// LinksState's matter. Lives on the thread of its context; what runs on its socket keeps it alive.
// Events of the session are only noted; what they mean is done when the session has returned
// (dispatch), so that code of others never runs inside of it.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/link/frame.h"
#include "common/link/session.h"
#include "common/result.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::links {

using Socket =
    asio::basic_stream_socket<asio::generic::stream_protocol, asio::io_context::executor_type>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>,
                                         asio::io_context::executor_type>;

class LinksState;

// Of a connection whose pair has another one that stays, for what is on its way.
inline constexpr std::chrono::milliseconds kRetirement{5000};

// A call to the peer that waits for its answer.
struct OutgoingCall {
  OutgoingCall(asio::io_context& context, std::string its_path, std::string its_body)
      : timer(context), path(std::move(its_path)), body(std::move(its_body)) {}
  Timer timer;  // cancelled when it is done
  std::string path, body;
  link::StreamId stream = 0;  // 0: waits for the connection
  link::Answer answer;
  std::optional<Error> error;
  bool done = false;
};

class Connection final : public std::enable_shared_from_this<Connection>,
                         private link::SessionEvents {
 public:
  // HTTP/2 lets only the side that dialed open streams, so this side's calls to a peer that dialed
  // the link go over a connection of their own, without messages.
  enum class Kind { accepted, dialed, for_calls };
  // `expected_key`: of the peer that is dialed; "" when it was accepted.
  Connection(std::shared_ptr<LinksState> state, Socket socket, Kind kind, std::string expected_key);

  void start();                                                        // on a connected socket
  void connect(const asio::generic::stream_protocol::endpoint& peer);  // then starts
  void admit();
  void tick(SteadyTime now);
  // Another connection of the pair stays: what is on its way is finished, then it closes.
  void retire();
  // Says why and closes, at the latest a second later. The link is down from now on.
  void shut_down(const std::string& reason, link::Goodbye goodbye);
  void close(const std::string& reason);  // at once
  void stop();                            // at once, with a goodbye if the socket takes it

  bool is_open() const { return !leaving_ && !closed_; }
  Kind kind() const { return kind_; }
  const std::string& peer_key() const { return session_.peer_key(); }
  const std::string& expected_key() const { return expected_key_; }
  void greet();  // the peer's hello was accepted
  bool is_greeted() const { return greeted_; }

  // Messages: how many bytes the session still has, one frame more, and out with it.
  std::size_t queued() const { return session_.queued(messages_); }
  void send_frame(std::string_view frame) { session_.send(messages_, frame); }
  void flush();

  void begin_call(const std::shared_ptr<OutgoingCall>& call);
  void cancel_call(const std::shared_ptr<OutgoingCall>& call);
  void answer(link::StreamId stream, int status, const std::string& body);

 private:
  struct IncomingRequest {
    std::string path, body;
  };

  void on_secured(const std::string& peer_key) override;
  void on_request(link::StreamId stream, const std::string& path) override;
  void on_status(link::StreamId stream, int status) override;
  void on_data(link::StreamId stream, std::string_view bytes) override;
  void on_end(link::StreamId stream) override;
  void on_closed(link::StreamId stream, link::StreamEnd end) override;
  void on_pong() override {}
  void on_goaway(link::Goodbye /*goodbye*/, const std::string& /*reason*/) override {}

  void read_next();
  void received(std::size_t bytes);
  void dispatch();
  void turn();
  void settle();
  void say_hello();
  void end_call(link::StreamId stream, std::optional<Error> error);
  void fail_calls(const std::string& reason);
  void leave(const std::string& reason);
  void set_deadline(std::chrono::milliseconds within, const char* overdue);

  std::shared_ptr<LinksState> state_;
  Socket socket_;
  Kind kind_;
  std::string expected_key_;
  link::Session session_;
  SteadyTime deadline_ = SteadyTime::max(), last_heard_, last_ping_;
  std::string overdue_;  // what it means when the deadline passes
  std::array<char, 16384> buffer_{};
  std::string out_;
  bool connected_ = false, reading_ = false, writing_ = false, half_closed_ = false;
  bool greeted_ = false, retiring_ = false, leaving_ = false, closed_ = false;

  link::StreamId messages_ = 0;  // 0: not open
  bool messages_over_ = false;
  link::FrameParser parser_;
  std::map<link::StreamId, IncomingRequest> requests_;
  std::map<link::StreamId, std::shared_ptr<OutgoingCall>> calls_;
  std::vector<std::shared_ptr<OutgoingCall>> waiting_;  // until admitted
  SteadyTime last_call_;

  // Noted by events, done by dispatch().
  bool secured_ = false, hello_due_ = false, dispatching_ = false;
  std::string fault_;
  std::vector<nlohmann::json> inbox_;
  std::vector<link::StreamId> ready_;
};

}  // namespace orama::gateway::links
