// Answers one connection on loopback or on a unix socket with bytes given beforehand, on its own
// thread, and keeps what it was sent. No HTTP: the test says every byte, wrong ones too.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace orama::tests {

class TinyServer {
 public:
  // Called with the connection once its request head (and content-length body) was read.
  using Answer = std::function<void(int connection)>;

  static TinyServer on_loopback(Answer answer);
  static TinyServer on_unix_socket(const std::string& path, Answer answer);
  TinyServer(TinyServer&&) = default;
  ~TinyServer();

  std::string url() const;       // http://127.0.0.1:PORT
  const std::string& request();  // waits for the connection to end

 private:
  TinyServer(int listener, Answer answer);

  struct State;
  std::unique_ptr<State> state_;
  std::thread thread_;
};

// An Answer of fixed bytes.
TinyServer::Answer bytes(std::string text);
// An Answer that sends nothing until the caller closes (which ends its wait).
TinyServer::Answer silence();

}  // namespace orama::tests
