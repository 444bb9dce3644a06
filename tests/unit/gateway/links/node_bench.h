// Gateways of a test: Links on one io_context in one thread, each with a loopback socket. What they
// were told is kept; wait() runs them until a condition holds. A RawPeer is a node of which the
// test has every byte in its hand, driven by the same wait().
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <nlohmann/json.hpp>

#include "common/crypto/random.h"
#include "common/link/frame.h"
#include "common/link/identity.h"
#include "common/link/session.h"
#include "common/log.h"
#include "gateway/http/awaitable.h"
#include "gateway/links/links.h"
#include "tests/unit/common/link/session_pair.h"

namespace orama::gateway::links::testing {

using link::testing::identity;

class LoopbackSocket {
 public:
  LoopbackSocket();  // listening
  explicit LoopbackSocket(std::uint16_t connected_to);
  LoopbackSocket(const LoopbackSocket&) = delete;
  LoopbackSocket& operator=(const LoopbackSocket&) = delete;
  ~LoopbackSocket() { close(); }
  void close();
  int get() const { return socket_; }
  std::uint16_t port() const { return port_; }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

// A gateway; its id is one letter, of which its key is made.
class Node {
 public:
  Node(asio::io_context& context, char id, const LoopbackSocket& listener,
       LinksOptions options = quick());
  static LinksOptions quick();  // short backoffs

  std::size_t ups(const std::string& id) const;
  std::size_t downs(const std::string& id) const;
  bool is_up(const std::string& id) const;

  std::string says_it_is;  // in its hello
  bool knows_strangers = false;
  int asked_about_keys = 0;
  std::vector<std::string> up, down;
  std::map<std::string, std::string> down_reason;
  std::map<std::string, std::vector<nlohmann::json>> messages;
  std::map<std::string, nlohmann::json> hellos;
  std::map<std::string, int> dropped;  // by reason

 private:
  crypto::SystemRandom random_;

 public:
  Links links;
};

class Bench {
 public:
  asio::io_context context;

  Peer peer(char id, std::uint16_t port) const;
  // False when it did not come true within ten seconds.
  bool wait(const std::function<bool()>& condition);
  void run_for(std::chrono::milliseconds duration);
  // Called from wait() between turns of the context.
  std::vector<std::function<void()>> also;
};

// Dials like a node and says only what the test wants.
class RawPeer {
 public:
  RawPeer(char id, std::uint16_t port);
  void pump();  // reads and writes what there is, unless it has stopped
  void open_messages();
  void say(const nlohmann::json& message);
  bool is_closed() const { return closed_; }

  bool stopped = false;
  link::testing::Heard heard;
  link::StreamId messages = 0;

 private:
  LoopbackSocket socket_;
  link::Session session_;
  std::string out_;
  bool closed_ = false;
};

nlohmann::json hello_of(const std::string& id);

}  // namespace orama::gateway::links::testing
