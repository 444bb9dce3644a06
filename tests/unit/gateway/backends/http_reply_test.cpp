#include "gateway/backends/http_reply.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"

namespace orama::gateway::backends {
namespace {

using State = HttpReplyParser::State;

TEST_CASE("whole replies, however they are cut") {
  struct Case {
    std::string_view bytes;
    int status;
    std::string_view body;
    bool keep_alive;
  };
  const std::vector<Case> cases = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true},
      {"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", 503, "", true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 200,
       "abcde", true},
      {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
  };
  for (const Case& c : cases) {
    for (std::size_t cut = 0; cut < c.bytes.size(); ++cut) {
      CAPTURE(c.bytes);
      CAPTURE(cut);
      HttpReplyParser parser(100);
      auto first = parser.feed(c.bytes.substr(0, cut));
      REQUIRE(first.ok());
      REQUIRE(*first == State::more);
      auto second = parser.feed(c.bytes.substr(cut));
      REQUIRE(second.ok());
      REQUIRE(*second == State::done);
      CHECK(parser.status() == c.status);
      CHECK(parser.keep_alive() == c.keep_alive);
      CHECK(parser.take_body() == c.body);
    }
  }
}

TEST_CASE("a reply may end with the connection only where it says no length") {
  HttpReplyParser open_ended(100);
  REQUIRE(open_ended.feed("HTTP/1.1 200 OK\r\n\r\nall of it").ok());
  auto ended = open_ended.end_of_stream();
  REQUIRE(ended.ok());
  CHECK(*ended == State::done);
  CHECK(!open_ended.keep_alive());
  CHECK(open_ended.take_body() == "all of it");

  HttpReplyParser short_one(100);
  REQUIRE(short_one.feed("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf").ok());
  CHECK(!short_one.end_of_stream().ok());
}

TEST_CASE("what is no HTTP reply is refused") {
  for (const std::string_view bytes :
       {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
    CAPTURE(bytes);
    HttpReplyParser parser(100);
    auto state = parser.feed(bytes);
    REQUIRE(!state.ok());
    CHECK(state.error().code == Errc::failed);
  }
}

TEST_CASE("the size limit is inclusive") {
  HttpReplyParser fits(5);
  CHECK(fits.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").ok());
  HttpReplyParser over(4);
  auto state = over.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  REQUIRE(!state.ok());
  CHECK(state.error().code == Errc::too_large);
  HttpReplyParser headers(100);
  const std::string big = "HTTP/1.1 200 OK\r\nA: " + std::string(70'000, 'a');
  auto state2 = headers.feed(big);
  REQUIRE(!state2.ok());
  CHECK(state2.error().code == Errc::too_large);
}

TEST_CASE("bytes after a reply end the connection's life") {
  HttpReplyParser parser(100);
  auto state = parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200");
  REQUIRE(state.ok());
  CHECK(*state == State::done);
  CHECK(!parser.keep_alive());
  CHECK(parser.take_body() == "ok");
}

}  // namespace
}  // namespace orama::gateway::backends
