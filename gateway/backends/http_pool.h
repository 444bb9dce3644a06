// Connections to one engine's HTTP interface, kept alive and reused, for one io_context: all calls
// are made on its thread, nothing is locked. Each call has a deadline and a size limit. A read that
// meets a connection which the engine had closed is tried once more on a new one; a write never is,
// since it may have been applied.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::backends {

struct HttpEndpoint {
  mesh::IpAddress address;
  unsigned short port = 0;
  std::string to_string() const;  // "10.0.0.1:5001"
};

boost::asio::ip::tcp::endpoint asio_endpoint(const HttpEndpoint& endpoint);

// `http://ADDRESS:PORT` with an IP literal, no path: invalid_argument otherwise.
Result<HttpEndpoint> parse_http_endpoint(std::string_view url);

struct EngineCall {
  enum class Kind { read, write };
  Kind kind = Kind::read;
  std::string method;
  std::string target;  // path and query
  std::string body;    // JSON, or ""
  EngineCall(Kind call_kind, std::string call_method, std::string call_target,
             std::string call_body)
      : kind(call_kind),
        method(std::move(call_method)),
        target(std::move(call_target)),
        body(std::move(call_body)) {}
};

struct EngineReply {
  int status = 0;
  std::string body;
};

class HttpPool {
 public:
  struct Options {
    HttpEndpoint endpoint;
    std::string
        authorization;  // value of the header; "" = none. Secret: never in an error or a log
    std::chrono::milliseconds deadline{4000};
    std::size_t max_reply_bytes = 16UL * 1024 * 1024;
    std::size_t max_idle = 16;
  };

  HttpPool(asio::io_context& context, Options options);
  ~HttpPool();
  HttpPool(const HttpPool&) = delete;
  HttpPool& operator=(const HttpPool&) = delete;

  // Errors: unreachable (nothing was sent), timeout (sent, outcome unknown; for a read: no answer
  // in time), too_large, failed (not HTTP).
  Awaitable<Result<EngineReply>> call(EngineCall call);

 private:
  struct Connection;
  struct Failure;
  struct Attempt;
  using ConnectionPtr = std::shared_ptr<Connection>;

  ConnectionPtr take_idle();
  Awaitable<Attempt> attempt(ConnectionPtr connection, const EngineCall* call);
  Awaitable<Attempt> exchange(ConnectionPtr connection, const EngineCall* call);
  Awaitable<Result<void>> connect(ConnectionPtr connection);
  std::string head_of(const EngineCall& call) const;
  Error broken(const EngineCall& call, const Connection& connection, const std::string& what) const;

  asio::io_context& context_;
  Options options_;
  std::vector<ConnectionPtr> idle_;
};

}  // namespace orama::gateway::backends
