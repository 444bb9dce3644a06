#include "common/link/client.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/link/identity.h"
#include "common/link/session.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "tests/unit/common/link/session_pair.h"

namespace orama::link {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using testing::Heard;
using testing::identity;

// A listening socket of loopback; the kernel accepts for it until its queue is full.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), length) == 0);
    REQUIRE(::listen(socket_, 8) == 0);
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    port = ntohs(address.sin_port);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { close(); }
  int accept() const { return ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC); }
  void close() {
    if (socket_ >= 0) {
      ::shutdown(socket_, SHUT_RDWR);
      ::close(std::exchange(socket_, -1));
    }
  }

  std::uint16_t port = 0;

 private:
  int socket_;
};

// Serves one connection on a thread of its own; `turn` runs whenever bytes have come.
class OneMember {
 public:
  using Turn = std::function<void(Session&, Heard&)>;
  explicit OneMember(Turn turn, SessionLimits limits = {}, bool admits = true)
      : thread_([this, turn = std::move(turn), limits, admits] { serve(turn, limits, admits); }) {}
  OneMember(const OneMember&) = delete;
  OneMember& operator=(const OneMember&) = delete;
  ~OneMember() { thread_.join(); }

  Listener listener;

 private:
  void serve(const Turn& turn, const SessionLimits& limits, bool admits) {
    const int socket = listener.accept();
    Heard heard;
    heard.admits = admits;
    Session session(Side::server, identity('s'), heard, limits);
    heard.session = &session;
    std::array<char, 4096> buffer{};
    while (true) {
      const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
      if (got <= 0) {
        break;
      }
      const bool good = session.receive({buffer.data(), static_cast<std::size_t>(got)}).ok();
      turn(session, heard);
      for (std::string out = session.take_output(); !out.empty(); out = session.take_output()) {
        static_cast<void>(::send(socket, out.data(), out.size(), MSG_NOSIGNAL));
      }
      if (!good || session.ended()) {
        break;
      }
    }
    // Closed with bytes unread it would be a reset, which takes the last words with it.
    ::shutdown(socket, SHUT_WR);
    while (::recv(socket, buffer.data(), buffer.size(), 0) > 0) {
    }
    ::close(socket);
  }

  std::thread thread_;
};

LinkClient::Options options_for(std::uint16_t port, char server = 's') {
  LinkClient::Options options;
  options.address = *mesh::IpAddress::parse("127.0.0.1");
  options.port = port;
  options.peer_key = identity(server).public_key();
  return options;
}

void echo(Session& session, Heard& heard) {
  for (const StreamId stream : heard.ended) {
    session.respond(stream, 200);
    session.send(stream, heard.paths[stream] + " " + heard.data[stream]);
    session.finish(stream);
  }
  heard.ended.clear();
}

void say_nothing(Session& /*session*/, Heard& /*heard*/) {}

}  // namespace

TEST_CASE("a call over a link comes back with status and body") {
  OneMember member(&echo);
  const LinkClient client(identity('c'), options_for(member.listener.port));
  const auto answer = client.call("/v1/secrets", {{"roles", {"relay"}}}, 5s);
  REQUIRE(answer.ok());
  CHECK(answer->status == 200);
  CHECK(answer->body == R"(/v1/secrets {"roles":["relay"]})");
}

TEST_CASE("another key than expected is named, and nothing is sent to it") {
  std::atomic<bool> asked = false;
  const auto look = [&asked](Session& /*session*/, Heard& heard) {
    asked = asked || !heard.paths.empty();
  };
  Result<Answer> answer = make_error(Errc::failed, "");
  {
    OneMember member(look);
    const LinkClient client(identity('c'), options_for(member.listener.port, 'x'));
    answer = client.call("/v1/secrets", nullptr, 5s);
  }
  REQUIRE(!answer.ok());
  INFO(answer.error().full_message());
  CHECK(answer.error().code == Errc::not_allowed);
  CHECK(answer.error().message.find("answered with the node key ") != std::string::npos);
  CHECK(!asked);
}

TEST_CASE("a member that does not know our key says so") {
  const auto refuse = [](Session& session, Heard& heard) {
    if (!heard.peer_key.empty()) {
      session.shut_down("your node key is not known here", Goodbye::refused);
    }
  };
  OneMember member(refuse, {}, false);
  const LinkClient client(identity('c'), options_for(member.listener.port));
  const auto answer = client.call("/v1/secrets", nullptr, 5s);
  REQUIRE(!answer.ok());
  INFO(answer.error().full_message());
  CHECK(answer.error().code == Errc::not_allowed);
  CHECK(answer.error().message.find("your node key is not known here") != std::string::npos);
}

TEST_CASE("another version is named") {
  SessionLimits next;
  next.protocol = "orama-link/9";
  OneMember member(&say_nothing, next);
  const LinkClient client(identity('c'), options_for(member.listener.port));
  const auto answer = client.call("/v1/secrets", nullptr, 5s);
  REQUIRE(!answer.ok());
  INFO(answer.error().full_message());
  CHECK(answer.error().code == Errc::conflict);
  CHECK(answer.error().message.find("orama-link/9") != std::string::npos);
}

TEST_CASE("nobody there is unreachable; somebody who is silent too") {
  Listener listener;
  SUBCASE("silent before the handshake") {
    LinkClient::Options options = options_for(listener.port);
    options.connect_within = 100ms;
    const auto answer = LinkClient(identity('c'), options).call("/a", nullptr, 5s);
    REQUIRE(!answer.ok());
    INFO(answer.error().full_message());
    CHECK(answer.error().code == Errc::unreachable);
  }
  SUBCASE("nobody") {
    listener.close();
    const LinkClient client(identity('c'), options_for(listener.port));
    const auto answer = client.call("/a", nullptr, 5s);
    REQUIRE(!answer.ok());
    INFO(answer.error().full_message());
    CHECK(answer.error().code == Errc::unreachable);
  }
}

TEST_CASE("no answer in time is a timeout; an interruption ends it at once") {
  OneMember member(&say_nothing);
  LinkClient::Options options = options_for(member.listener.port);
  SUBCASE("timeout") {
    const auto answer = LinkClient(identity('c'), options).call("/a", nullptr, 200ms);
    REQUIRE(!answer.ok());
    INFO(answer.error().full_message());
    CHECK(answer.error().code == Errc::timeout);
  }
  SUBCASE("interrupted") {
    std::atomic<bool> interrupted = false;
    options.interrupted = &interrupted;
    std::thread signal([&interrupted] {
      std::this_thread::sleep_for(100ms);
      interrupted = true;
    });
    const auto answer = LinkClient(identity('c'), options).call("/a", nullptr, 60s);
    signal.join();
    REQUIRE(!answer.ok());
    INFO(answer.error().full_message());
    CHECK(answer.error().code == Errc::interrupted);
  }
}

TEST_CASE("an answer at the limit passes, one past it does not") {
  const auto ten = [](Session& session, Heard& heard) {
    for (const StreamId stream : heard.ended) {
      session.respond(stream, 200);
      session.send(stream, "0123456789");
      session.finish(stream);
    }
    heard.ended.clear();
  };
  OneMember member(ten);
  LinkClient::Options options = options_for(member.listener.port);
  SUBCASE("at") {
    options.max_answer_bytes = 10;
    const auto answer = LinkClient(identity('c'), options).call("/a", nullptr, 5s);
    REQUIRE(answer.ok());
    CHECK(answer->body.size() == 10);
  }
  SUBCASE("past") {
    options.max_answer_bytes = 9;
    const auto answer = LinkClient(identity('c'), options).call("/a", nullptr, 5s);
    REQUIRE(!answer.ok());
    INFO(answer.error().full_message());
    CHECK(answer.error().code == Errc::too_large);
  }
}

TEST_CASE("a member that dies in the middle of a call is an error, not silence") {
  const auto die = [](Session& session, Heard& heard) {
    if (!heard.paths.empty()) {
      session.shut_down("the gateway stops");
    }
  };
  OneMember member(die);
  const LinkClient client(identity('c'), options_for(member.listener.port));
  const auto answer = client.call("/a", nullptr, 5s);
  REQUIRE(!answer.ok());
  INFO(answer.error().full_message());
  CHECK(answer.error().code == Errc::failed);
  CHECK(answer.error().message.find("the gateway stops") != std::string::npos);
}

}  // namespace orama::link
