#include "tests/support/tiny_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "common/result.h"

namespace orama::tests {

struct TinyServer::State {
  int listener = -1;
  int port = 0;
  Answer answer;
  std::string request;
};

namespace {

std::size_t body_length(std::string_view head) {
  const std::string_view name = "Content-Length: ";
  const auto at = head.find(name);
  if (at == std::string_view::npos) {
    return 0;
  }
  return std::strtoul(std::string(head.substr(at + name.size())).c_str(), nullptr, 10);
}

std::string read_request(int connection) {
  std::string text;
  std::array<char, 4096> block{};
  while (true) {
    const auto end = text.find("\r\n\r\n");
    if (end != std::string::npos && text.size() >= end + 4 + body_length(text)) {
      return text;
    }
    const ssize_t got = ::recv(connection, block.data(), block.size(), 0);
    if (got <= 0) {
      return text;
    }
    text.append(block.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

TinyServer::TinyServer(int listener, Answer answer) : state_(std::make_unique<State>()) {
  state_->listener = listener;
  state_->answer = std::move(answer);
  thread_ = std::thread([state = state_.get()] {
    const int connection = ::accept(state->listener, nullptr, nullptr);
    if (connection >= 0) {
      state->request = read_request(connection);
      state->answer(connection);
      ::close(connection);
    }
  });
}

TinyServer TinyServer::on_loopback(Answer answer) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  ORAMA_ASSERT(::bind(listener, generic, length) == 0 && ::listen(listener, 1) == 0);
  ORAMA_ASSERT(::getsockname(listener, generic, &length) == 0);
  TinyServer server(listener, std::move(answer));
  server.state_->port = ntohs(address.sin_port);
  return server;
}

TinyServer TinyServer::on_unix_socket(const std::string& path, Answer answer) {
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ORAMA_ASSERT(path.size() < sizeof(address.sun_path));
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  ORAMA_ASSERT(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
               ::listen(listener, 1) == 0);
  return TinyServer(listener, std::move(answer));
}

TinyServer::~TinyServer() {
  if (thread_.joinable()) {
    ::shutdown(state_->listener, SHUT_RDWR);  // ends an accept that nobody called
    thread_.join();
  }
  if (state_) {
    ::close(state_->listener);
  }
}

std::string TinyServer::url() const {
  return "http://127.0.0.1:" + std::to_string(state_->port);
}

const std::string& TinyServer::request() {
  thread_.join();
  return state_->request;
}

TinyServer::Answer bytes(std::string text) {
  return [text = std::move(text)](int connection) {
    std::string_view rest = text;
    while (!rest.empty()) {
      const ssize_t sent = ::send(connection, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return;  // the client has seen enough
      }
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
  };
}

TinyServer::Answer silence() {
  return [](int connection) {
    char byte = 0;
    while (::recv(connection, &byte, 1, 0) > 0) {
    }
  };
}

}  // namespace orama::tests
