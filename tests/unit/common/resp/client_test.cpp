#include "common/resp/client.h"

#include <chrono>
#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include "common/mesh/ip_address.h"
#include "common/resp/reply.h"
#include "common/result.h"
#include "tests/support/tiny_resp.h"

namespace orama::resp {
namespace {

using namespace std::chrono_literals;
using Kind = RespReply::Kind;
using tests::TinyResp;

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
  server.stop();
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
