// One request and its answer on their way through the gateway. Owned by the connection, which
// resets and reuses it: buffers keep their memory. Texts of the request lie in the connection's
// head buffer and live until the answer is written.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/mesh/ip_address.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/message.h"
#include "gateway/http/request_head.h"

namespace orama::gateway::http {

// The other end of a connection.
struct Peer {
  std::optional<mesh::IpAddress> address;      // TCP
  std::optional<PeerCredentials> credentials;  // unix socket
  bool is_unix() const { return credentials.has_value(); }
};

// Where the body comes from; the pipeline asks for it once it knows that it wants it.
class BodySource {
 public:
  enum class Keep : std::uint8_t { all, nothing };
  virtual ~BodySource() = default;
  // Reads the whole body. With Keep::all it is in Exchange::request.body afterwards. Errors:
  // payload_too_large (before a byte is read when Content-Length says so), bad_request,
  // request_timeout.
  virtual Awaitable<std::optional<ApiError>> receive_body(std::size_t limit, Keep keep) = 0;
};

// Why the pending operation of a handler was cancelled.
enum class Interruption : std::uint8_t { none, time_limit, shutting_down };

// Lets the pipeline put a limit on the time of a handler.
class HandlerClock {
 public:
  virtual ~HandlerClock() = default;
  virtual void start_handler(std::chrono::milliseconds limit) = 0;
  virtual Interruption stop_handler() = 0;  // and says what ended it
};

struct Exchange {
  const Peer* peer = nullptr;
  std::size_t worker = 0;  // index of the thread
  BodySource* body = nullptr;
  HandlerClock* clock = nullptr;

  RequestHead head;  // meaningless when `fault` is set
  Request request;
  SteadyTime started;        // first byte of the head seen
  std::size_t bytes_in = 0;  // body bytes received

  // Filled by the service:
  Response response;
  std::string header_lines;  // every header but framing ones, each ending in CRLF
  bool close = false;        // the connection ends with this answer
  bool over_https = false;   // a trusted proxy says so
  // What the access log and the metrics say of it; `request` points at the first two.
  std::string request_id, traceparent;
  std::string client_ip, principal, name_space;
  std::string_view operation;
  std::size_t operation_index = 0;

  void reset();
};

}  // namespace orama::gateway::http
