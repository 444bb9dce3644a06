// Accepts on listening sockets that it is given and runs one coroutine per connection on the
// workers. Sockets are told apart by getsockname: AF_UNIX is the admin socket. Every socket is
// accepted on, whatever the number of threads, and none is ever closed here: they belong to the
// caller (systemd).
//
// How the app wires it, in this order:
//   Workers workers(config.http.threads, log);
//   metrics, access log, services on workers.context(i), RouteTable routes
//   middleware::Pipeline pipeline({…}, std::move(routes), authenticator, http_metrics, access_log,
//   log); Server server(options, workers, pipeline, log); TRY_VOID(server.listen(fds));
//   workers.start(); … SIGTERM …  server.drain(config.drain.within);  workers.stop();
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "common/log.h"
#include "common/result.h"
#include "gateway/http/limits.h"
#include "gateway/http/service.h"
#include "gateway/http/workers.h"

namespace orama::gateway::http {

struct ServerOptions {
  std::size_t max_connections = 20'000;  // past it: 503 OVERLOADED and closed. Below RLIMIT_NOFILE
  Timeouts timeouts;
};

class ServerState;

class Server {
 public:
  // Destroyed when the workers do not run, and before them.
  Server(ServerOptions options, Workers& workers, Service& service, const Log& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Starts to accept on each. invalid_argument when one is no listening stream socket.
  Result<void> listen(const std::vector<int>& sockets);

  std::size_t connections() const;  // open now

  // Stops accepting, answers what it has with `Connection: close`, closes idle connections;
  // requests that still run after `within` get 503 SHUTTING_DOWN. Returns when all is closed, at
  // the latest one second after `within`. Called once, from a thread that is no worker, while the
  // workers run.
  void drain(std::chrono::milliseconds within);

 private:
  std::shared_ptr<ServerState> state_;
};

}  // namespace orama::gateway::http
