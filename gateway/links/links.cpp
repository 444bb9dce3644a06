#include "gateway/links/links.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/crypto/random.h"
#include "common/link/identity.h"
#include "common/link/session.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/http/awaitable.h"
#include "gateway/links/state.h"

namespace orama::gateway::links {

Links::Links(asio::io_context& context, link::LinkIdentity identity, LinksOptions options,
             LinksNeeds needs, crypto::Random& random, const Log& log)
    : state_(std::make_shared<LinksState>(context, std::move(identity), std::move(options),
                                          std::move(needs), random, log)) {}

Links::~Links() {
  stop();
}

void Links::on_hello(std::function<void(const std::string&, const nlohmann::json&)> told) {
  state_->told.hello = std::move(told);
}

void Links::on_up(std::function<void(const std::string&)> told) {
  state_->told.up = std::move(told);
}

void Links::on_down(std::function<void(const std::string&, const std::string&)> told) {
  state_->told.down = std::move(told);
}

void Links::on_message(std::function<void(const std::string&, const nlohmann::json&)> told) {
  state_->told.message = std::move(told);
}

void Links::on_dropped(std::function<void(const std::string&, const std::string&)> told) {
  state_->told.dropped = std::move(told);
}

void Links::on_request(std::string path, RequestHandler handler) {
  state_->handlers.insert_or_assign(std::move(path), std::move(handler));
}

Result<void> Links::listen(const std::vector<int>& sockets) {
  for (const int descriptor : sockets) {
    int listens = 0;
    socklen_t length = sizeof listens;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) != 0 ||
        listens == 0) {
      return make_error(Errc::invalid_argument, "descriptor " + std::to_string(descriptor) +
                                                    " is no listening socket for links");
    }
    const int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0) {
      return make_error(Errc::failed,
                        std::string("setting a listener non-blocking: ") + std::strerror(errno));
    }
  }
  for (const int descriptor : sockets) {
    state_->accept_on(descriptor);
  }
  return {};
}

void Links::set_peers(std::vector<Peer> peers) {
  state_->set_peers(std::move(peers));
}

std::vector<PeerUp> Links::peers_up() const {
  return state_->peers_up();
}

std::size_t Links::connections() const {
  return state_->connections();
}

Sent Links::send(const std::string& id, const nlohmann::json& message, Delivery delivery) {
  return state_->send(id, message, delivery);
}

void Links::broadcast(const nlohmann::json& message, Delivery delivery) {
  state_->broadcast(message, delivery);
}

Awaitable<Result<link::Answer>> Links::call(std::string id, std::string path, nlohmann::json body,
                                            std::chrono::milliseconds timeout) {
  return LinksState::call(state_, std::move(id), std::move(path), std::move(body), timeout);
}

void Links::stop() {
  state_->stop();
}

}  // namespace orama::gateway::links
