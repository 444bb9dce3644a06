#include "tests/support/scripted_engine.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/http_pool.h"

namespace orama::tests {

struct ScriptedEngine::State {
  int listener = -1;
  unsigned short port = 0;
  std::vector<std::vector<EngineStep>> connections;
  std::atomic<bool> stopping{false};
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::vector<std::string> requests;
  std::size_t closed = 0;
  std::vector<std::thread> threads;  // the first accepts

  void accept_all();
  void play(int connection, const std::vector<EngineStep>& steps);
  bool read_request(int connection);
};

namespace {

std::size_t content_length(std::string_view head) {
  constexpr std::string_view kName = "Content-Length: ";
  const auto found = head.find(kName);
  return found == std::string_view::npos
             ? 0
             : std::stoul(std::string(head.substr(found + kName.size(), 12)));
}

}  // namespace

bool ScriptedEngine::State::read_request(int connection) {
  std::string bytes;
  char buffer[4096];
  for (;;) {
    pollfd waiting{connection, POLLIN, 0};
    if (stopping.load() || (poll(&waiting, 1, 20) < 0)) {
      return false;
    }
    if (waiting.revents == 0) {
      continue;
    }
    const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
    if (got <= 0) {
      return false;
    }
    bytes.append(buffer, static_cast<std::size_t>(got));
    const auto end = bytes.find("\r\n\r\n");
    if (end != std::string::npos && bytes.size() >= end + 4 + content_length(bytes)) {
      const std::scoped_lock lock(mutex);
      requests.push_back(std::move(bytes));
      return true;
    }
  }
}

void ScriptedEngine::State::play(int connection, const std::vector<EngineStep>& steps) {
  for (const EngineStep& step : steps) {
    if (!read_request(connection)) {
      break;
    }
    if (step.kind == EngineStep::Kind::reply) {
      ::send(connection, step.bytes.data(), step.bytes.size(), MSG_NOSIGNAL);
    } else if (step.kind == EngineStep::Kind::close) {
      break;
    } else {
      while (!stopping.load()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
  }
  ::close(connection);
  const std::scoped_lock lock(mutex);
  ++closed;
  changed.notify_all();
}

void ScriptedEngine::State::accept_all() {
  std::size_t next = 0;
  while (!stopping.load()) {
    pollfd waiting{listener, POLLIN, 0};
    if (poll(&waiting, 1, 20) <= 0) {
      continue;
    }
    const int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) {
      continue;
    }
    if (next >= connections.size()) {
      ::close(connection);
      continue;
    }
    threads.emplace_back(
        [this, connection, index = next] { play(connection, connections[index]); });
    ++next;
  }
}

ScriptedEngine::ScriptedEngine(std::vector<std::vector<EngineStep>> connections)
    : state_(std::make_unique<State>()) {
  state_->connections = std::move(connections);
  state_->threads.reserve(state_->connections.size() + 1);  // appended to by its own first element
  state_->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ORAMA_ASSERT(::bind(state_->listener, reinterpret_cast<sockaddr*>(&address), sizeof address) ==
               0);
  ORAMA_ASSERT(::listen(state_->listener, 16) == 0);
  socklen_t length = sizeof address;
  ORAMA_ASSERT(::getsockname(state_->listener, reinterpret_cast<sockaddr*>(&address), &length) ==
               0);
  state_->port = ntohs(address.sin_port);
  state_->threads.emplace_back([state = state_.get()] { state->accept_all(); });
}

ScriptedEngine::~ScriptedEngine() {
  state_->stopping.store(true);
  state_->threads.front().join();  // no thread is added from here on
  for (std::size_t i = 1; i < state_->threads.size(); ++i) {
    state_->threads[i].join();
  }
  ::close(state_->listener);
}

gateway::backends::HttpEndpoint ScriptedEngine::endpoint() const {
  gateway::backends::HttpEndpoint endpoint;
  endpoint.address = mesh::IpAddress::from_v4(INADDR_LOOPBACK);
  endpoint.port = state_->port;
  return endpoint;
}

std::vector<std::string> ScriptedEngine::requests() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->requests;
}

void ScriptedEngine::wait_closed(std::size_t count) const {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [this, count] { return state_->closed >= count; });
}

EngineStep reply(int status, const std::string& body) {
  return raw_reply("HTTP/1.1 " + std::to_string(status) +
                   " X\r\nContent-Type: application/json\r\n" +
                   "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

EngineStep raw_reply(std::string bytes) {
  EngineStep step;
  step.bytes = std::move(bytes);
  return step;
}

EngineStep close_unanswered() {
  EngineStep step;
  step.kind = EngineStep::Kind::close;
  return step;
}

EngineStep stall() {
  EngineStep step;
  step.kind = EngineStep::Kind::stall;
  return step;
}

}  // namespace orama::tests
