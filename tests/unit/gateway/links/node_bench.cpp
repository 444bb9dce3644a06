#include "tests/unit/gateway/links/node_bench.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/link/frame.h"
#include "common/link/session.h"
#include "common/link/tls_channel.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "gateway/http/awaitable.h"
#include "gateway/links/links.h"
#include "tests/unit/common/link/session_pair.h"

namespace orama::gateway::links::testing {

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

Awaitable<bool> answer_about_key(Node& node) {
  ++node.asked_about_keys;
  co_return node.knows_strangers;
}

LinksNeeds needs_of(Node& node) {
  LinksNeeds needs;
  needs.hello = [&node] { return hello_of(node.says_it_is); };
  needs.is_known = [&node](const std::string& /*key*/) { return answer_about_key(node); };
  return needs;
}

}  // namespace

nlohmann::json hello_of(const std::string& id) {
  return {{"id", id}, {"cluster", "c1"}, {"generation", 1}, {"version", "0.1.0"}, {"protocol", 1}};
}

LoopbackSocket::LoopbackSocket() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), length) == 0);
  REQUIRE(::listen(socket_, 128) == 0);
  REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  port_ = ntohs(address.sin_port);
}

LoopbackSocket::LoopbackSocket(std::uint16_t connected_to)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), port_(connected_to) {
  const sockaddr_in address = loopback(connected_to);
  REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::fcntl(socket_, F_SETFL, O_NONBLOCK) == 0);
}

void LoopbackSocket::close() {
  if (socket_ >= 0) {
    ::close(std::exchange(socket_, -1));
  }
}

LinksOptions Node::quick() {
  LinksOptions options;
  options.first_backoff = 5ms;
  options.last_backoff = 50ms;
  return options;
}

Node::Node(asio::io_context& context, char id, const LoopbackSocket& listener, LinksOptions options)
    : says_it_is(1, id),
      links(context, identity(id), (options.own_id = std::string(1, id), options), needs_of(*this),
            random_, Log::discard()) {
  links.on_hello(
      [this](const std::string& from, const nlohmann::json& hello) { hellos[from] = hello; });
  links.on_up([this](const std::string& from) { up.push_back(from); });
  links.on_down([this](const std::string& from, const std::string& reason) {
    down.push_back(from);
    down_reason[from] = reason;
  });
  links.on_message([this](const std::string& from, const nlohmann::json& message) {
    messages[from].push_back(message);
  });
  links.on_dropped(
      [this](const std::string& /*from*/, const std::string& reason) { ++dropped[reason]; });
  REQUIRE(links.listen({listener.get()}).ok());
}

std::size_t Node::ups(const std::string& id) const {
  return static_cast<std::size_t>(std::count(up.begin(), up.end(), id));
}

std::size_t Node::downs(const std::string& id) const {
  return static_cast<std::size_t>(std::count(down.begin(), down.end(), id));
}

bool Node::is_up(const std::string& id) const {
  const std::vector<PeerUp> all = links.peers_up();
  return std::any_of(all.begin(), all.end(), [&id](const PeerUp& peer) { return peer.id == id; });
}

Peer Bench::peer(char id, std::uint16_t port) const {
  return {std::string(1, id), *mesh::IpAddress::parse("127.0.0.1"), identity(id).public_key(),
          port};
}

bool Bench::wait(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    context.restart();
    context.run_one_for(also.empty() ? 20ms : 1ms);
    for (const auto& turn : also) {
      turn();
    }
  }
  return true;
}

void Bench::run_for(std::chrono::milliseconds duration) {
  const auto end = std::chrono::steady_clock::now() + duration;
  wait([end] { return std::chrono::steady_clock::now() >= end; });
}

RawPeer::RawPeer(char id, std::uint16_t port)
    : socket_(port), session_(link::Side::client, identity(id), heard) {
  heard.session = &session_;
}

void RawPeer::pump() {
  if (stopped || closed_) {
    return;
  }
  std::array<char, 65536> buffer{};
  ssize_t got = 0;
  while ((got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0)) > 0) {
    if (!session_.receive({buffer.data(), static_cast<std::size_t>(got)}).ok()) {
      closed_ = true;
    }
  }
  closed_ = closed_ || got == 0 || session_.ended();
  while (true) {
    if (out_.empty()) {
      out_ = session_.take_output();
    }
    const ssize_t sent =
        out_.empty() ? 0 : ::send(socket_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      break;
    }
    out_.erase(0, static_cast<std::size_t>(sent));
  }
  if (closed_) {
    socket_.close();
  }
}

void RawPeer::open_messages() {
  const auto stream = session_.open(link::kMessagesPath);
  REQUIRE(stream.ok());
  messages = *stream;
  session_.limit_body(messages, SIZE_MAX);
}

void RawPeer::say(const nlohmann::json& message) {
  session_.send(messages, *link::encode_message(message));
}

}  // namespace orama::gateway::links::testing
