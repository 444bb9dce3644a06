// A RESP server on loopback for one connection, on its own thread: it answers each read with the
// next text of its script.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/result.h"

namespace orama::tests {

class TinyResp {
 public:
  enum class End { closes, waits };  // after the script; waits: for the other side to close

  TinyResp(std::vector<std::string> answers, End end)
      : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    ORAMA_ASSERT(::bind(listener_, generic, length) == 0);
    ORAMA_ASSERT(::listen(listener_, 1) == 0);
    ORAMA_ASSERT(::getsockname(listener_, generic, &length) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answers = std::move(answers), end] { serve(answers, end); });
  }
  ~TinyResp() {
    stop();
    ::close(listener_);
  }
  TinyResp(const TinyResp&) = delete;
  TinyResp& operator=(const TinyResp&) = delete;

  // Waits until the connection has ended.
  void stop() {
    if (thread_.joinable()) {
      ::shutdown(listener_, SHUT_RDWR);  // ends an accept that nobody called
      thread_.join();
    }
  }
  std::uint16_t port() const { return port_; }
  const std::string& heard() const { return heard_; }  // after stop()

 private:
  void serve(const std::vector<std::string>& answers, End end) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) {
      return;
    }
    std::array<char, 4096> block{};
    for (const std::string& answer : answers) {
      const ssize_t got = ::recv(connection, block.data(), block.size(), 0);
      heard_.append(block.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
      static_cast<void>(::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL));
    }
    while (end == End::waits && ::recv(connection, block.data(), block.size(), 0) > 0) {
    }
    ::close(connection);
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::string heard_;
  std::thread thread_;
};

}  // namespace orama::tests
