#include "gateway/http/server.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/log.h"
#include "common/result.h"
#include "gateway/http/peer.h"
#include "gateway/http/server_state.h"
#include "gateway/http/service.h"
#include "gateway/http/workers.h"

namespace orama::gateway::http {

namespace {

// After the deadline: half of it to send the 503s, then what is left is closed.
constexpr std::chrono::milliseconds kAfterDeadline{500};

}  // namespace

Server::Server(ServerOptions options, Workers& workers, Service& service, const Log& log)
    : state_(std::make_shared<ServerState>(options, workers, service, log)) {
  state_->start_ticks();
}

Server::~Server() {
  state_->release();
}

Result<void> Server::listen(const std::vector<int>& sockets) {
  std::map<std::string, std::vector<ListeningSocket>> by_address;
  for (const int descriptor : sockets) {
    TRY(socket, describe_listener(descriptor));
    const int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0) {
      return make_error(Errc::failed,
                        std::string("setting a listener non-blocking: ") + std::strerror(errno));
    }
    by_address[socket.address].push_back(std::move(socket));
  }
  // Every socket has a thread and every thread a socket of each address, whichever are more. The
  // admin socket needs one thread.
  for (const auto& [address, group] : by_address) {
    const bool is_admin = group.front().family == AF_UNIX;
    const std::size_t pairs =
        is_admin ? group.size() : std::max(group.size(), state_->worker_count());
    for (std::size_t i = 0; i < pairs; ++i) {
      state_->accept_on(group[i % group.size()], i % state_->worker_count());
    }
  }
  return {};
}

std::size_t Server::connections() const {
  return state_->connections();
}

void Server::drain(std::chrono::milliseconds within) {
  state_->post(ServerState::Step::drain);
  if (state_->wait_until_empty(within)) {
    return;
  }
  state_->post(ServerState::Step::cut);
  if (state_->wait_until_empty(kAfterDeadline)) {
    return;
  }
  state_->post(ServerState::Step::abort);
  state_->wait_until_empty(kAfterDeadline);
}

}  // namespace orama::gateway::http
