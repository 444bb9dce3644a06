// The sockets that the gateway accepts on: those that systemd passed (they outlive the process, and
// each has to be accepted on), or, without socket activation, its own. Fds are never closed here.
#pragma once

#include <vector>

#include "common/result.h"
#include "gateway/config.h"

namespace orama::gateway {

struct ServiceSockets {
  std::vector<int> http;   // TCP and the admin socket
  std::vector<int> links;  // port 6002
  bool empty() const { return http.empty() && links.empty(); }
};

// All fds of sd_listen_fds(3), which checks LISTEN_PID; empty when the process was not activated.
Result<ServiceSockets> activated_sockets();

// One socket per thread and TCP address (SO_REUSEPORT; IP_FREEBIND: the mesh address may come
// later), and the admin socket with this mode. A socket file that nobody listens on is replaced.
Result<ServiceSockets> open_sockets(const Config& config, std::size_t threads);

}  // namespace orama::gateway
