#include "common/resp/client.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/mesh/ip_address.h"
#include "common/resp/reply.h"
#include "common/result.h"

namespace orama::resp {
namespace {

using namespace std::chrono_literals;
using Kind = RespReply::Kind;

// Takes one connection and answers what it reads with one line of the script each; then it waits
// for the other side to close, or closes itself.
class TinyResp {
 public:
  enum class End { closes, waits };

  TinyResp(std::vector<std::string> answers, End end)
      : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener_, generic, length) == 0);
    REQUIRE(::listen(listener_, 1) == 0);
    REQUIRE(::getsockname(listener_, generic, &length) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answers = std::move(answers), end] { serve(answers, end); });
  }
  ~TinyResp() {
    ::shutdown(listener_, SHUT_RDWR);  // ends an accept that nobody called
    thread_.join();
    ::close(listener_);
  }
  TinyResp(const TinyResp&) = delete;
  TinyResp& operator=(const TinyResp&) = delete;

  std::uint16_t port() const { return port_; }
  const std::string& heard() const { return heard_; }

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

Result<RespClient> connect(const TinyResp& server, std::chrono::milliseconds timeout = 10s) {
  return RespClient::connect(mesh::IpAddress::parse("127.0.0.1").value(), server.port(), timeout);
}

TEST_CASE("commands and their replies, one after the other on one connection") {
  TinyResp server({"+OK\r\n", "-WRONGPASS wrong password\r\n", "$3\r\na\r\n\r\n"},
                  TinyResp::End::waits);
  {
    auto client = connect(server);
    REQUIRE(client.ok());
    CHECK(client->command({"AUTH", "open sesame"})->text == "OK");
    const auto refused = client->command({"AUTH", "x"});
    REQUIRE(refused.ok());
    CHECK(refused->is_error());
    CHECK(refused->text == "WRONGPASS wrong password");
    const auto value = client->command({"DM.GET", "m", "k"});
    REQUIRE(value.ok());
    CHECK(value->kind == Kind::bulk);
    CHECK(value->text == "a\r\n");
  }
  CHECK(server.heard().starts_with("*2\r\n$4\r\nAUTH\r\n$11\r\nopen sesame\r\n"));
}

TEST_CASE("a server that is silent, gone or talks otherwise") {
  SUBCASE("silent") {
    TinyResp server({""}, TinyResp::End::waits);
    auto client = connect(server, 50ms);
    REQUIRE(client.ok());
    const auto reply = client->command({"AUTH", "open sesame"});
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error().code == Errc::timeout);
    CHECK(reply.error().message.find("sesame") == std::string::npos);
  }
  SUBCASE("closes in the middle of a reply") {
    TinyResp server({"$9\r\nhalf"}, TinyResp::End::closes);
    auto client = connect(server);
    REQUIRE(client.ok());
    CHECK(client->command({"PING"}).error().code == Errc::unreachable);
  }
  SUBCASE("another protocol") {
    TinyResp server({"HTTP/1.1 400 Bad Request\r\n\r\n"}, TinyResp::End::closes);
    auto client = connect(server);
    REQUIRE(client.ok());
    CHECK(client->command({"PING"}).error().code == Errc::failed);
  }
  SUBCASE("nobody listens") {
    std::uint16_t port = 0;
    {
      const TinyResp gone({}, TinyResp::End::closes);
      port = gone.port();
    }
    const auto client = RespClient::connect(mesh::IpAddress::parse("127.0.0.1").value(), port, 10s);
    REQUIRE_FALSE(client.ok());
    CHECK(client.error().code == Errc::unreachable);
    CHECK(client.error().message.find("127.0.0.1:" + std::to_string(port)) != std::string::npos);
  }
}

}  // namespace
}  // namespace orama::resp
