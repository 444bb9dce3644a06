#include "common/resp/reader.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/resp/reply.h"
#include "common/result.h"

namespace orama::resp {
namespace {

using namespace std::string_literals;
using Kind = RespReply::Kind;

RespReply text(Kind kind, std::string value) {
  RespReply reply;
  reply.kind = kind;
  reply.text = std::move(value);
  return reply;
}

RespReply number(std::int64_t value) {
  RespReply reply;
  reply.kind = Kind::integer;
  reply.integer = value;
  return reply;
}

RespReply array(std::vector<RespReply> elements) {
  RespReply reply;
  reply.kind = Kind::array;
  reply.elements = std::move(elements);
  return reply;
}

struct Case {
  std::string bytes;
  RespReply reply;
};

std::vector<Case> cases() {
  return {
      {"+PONG\r\n", text(Kind::status, "PONG")},
      {"-ERR failed to find enough peers to create quorum\r\n",
       text(Kind::error, "ERR failed to find enough peers to create quorum")},
      {":-9223372036854775808\r\n", number(INT64_MIN)},
      {":9223372036854775807\r\n", number(INT64_MAX)},
      {"$0\r\n\r\n", text(Kind::bulk, "")},
      {"$8\r\na\0\r\nb\xff$1\r\n"s, text(Kind::bulk, "a\0\r\nb\xff$1"s)},
      {"$-1\r\n", RespReply()},
      {"*-1\r\n", RespReply()},
      {"*0\r\n", array({})},
      // CLUSTER.MEMBERS of two
      {"*2\r\n*3\r\n$14\r\n127.0.7.1:3320\r\n:17\r\n$4\r\ntrue\r\n*3\r\n$14\r\n127.0.7.2:3320\r\n"
       ":18\r\n$5\r\nfalse\r\n",
       array({array({text(Kind::bulk, "127.0.7.1:3320"), number(17), text(Kind::bulk, "true")}),
              array({text(Kind::bulk, "127.0.7.2:3320"), number(18), text(Kind::bulk, "false")})})},
      {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:8\r\n",
       array({array({array({array({array({array({array({array({number(8)})})})})})})})})},
  };
}

TEST_CASE("every kind of reply is read, however the bytes are cut") {
  for (const Case& c : cases()) {
    CAPTURE(c.bytes);
    for (std::size_t piece = 1; piece <= c.bytes.size(); ++piece) {
      RespReader reader;
      for (std::size_t at = 0; at < c.bytes.size(); at += piece) {
        const auto before = reader.next();
        REQUIRE(before.ok());
        CHECK_FALSE(before->has_value());
        reader.feed(std::string_view(c.bytes).substr(at, piece));
      }
      const auto reply = reader.next();
      REQUIRE(reply.ok());
      REQUIRE(reply->has_value());
      CHECK(**reply == c.reply);
      CHECK_FALSE(reader.next()->has_value());
    }
  }
}

TEST_CASE("replies that come together are given out one by one") {
  std::string all;
  for (const Case& c : cases()) {
    all += c.bytes;
  }
  RespReader reader;
  reader.feed(all);
  for (const Case& c : cases()) {
    const auto reply = reader.next();
    REQUIRE(reply.ok());
    CHECK(reply->value() == c.reply);
  }
  CHECK_FALSE(reader.next()->has_value());
}

TEST_CASE("what is no RESP2 is an error, and stays one") {
  for (const std::string& bytes :
       {"HTTP/1.1 400 Bad Request\r\n"s, "\r\n"s, ":12a\r\n"s, ":9223372036854775808\r\n"s,
        "$-2\r\n"s, "$abc\r\n"s, "*-2\r\n"s, "%1\r\n"s, "*1\r\n_\r\n"s,
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:9\r\n"s}) {
    CAPTURE(bytes);
    RespReader reader;
    reader.feed(bytes);
    const auto reply = reader.next();
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error().code == Errc::failed);
    reader.feed("+OK\r\n");
    CHECK_FALSE(reader.next().ok());
  }
}

TEST_CASE("a reply at a limit is read, one past it is refused before it is whole") {
  const RespReader::Limits limits{32, 3};
  const auto outcome = [&limits](const std::string& bytes) {
    RespReader reader(limits);
    reader.feed(bytes);
    return reader.next();
  };
  CHECK(outcome("$25\r\n" + std::string(25, 'x') + "\r\n")->has_value());  // 32 bytes
  const auto longer = outcome("$26\r\n" + std::string(26, 'x') + "\r\n");
  REQUIRE_FALSE(longer.ok());
  CHECK(longer.error().code == Errc::too_large);
  CHECK_FALSE(outcome("$99999\r\n" + std::string(26, 'x')).ok());  // 34 bytes, more would come

  CHECK(outcome("*3\r\n:1\r\n:1\r\n:1\r\n")->has_value());
  for (const char* bytes : {"*4\r\n", "*2147483647\r\n", "*2\r\n*2\r\n:1\r\n", "*1\r\n*3\r\n"}) {
    CAPTURE(bytes);
    const auto wider = outcome(bytes);
    REQUIRE_FALSE(wider.ok());
    CHECK(wider.error().code == Errc::too_large);
  }
}

TEST_CASE("the limits are each reply's own") {
  RespReader reader({16, 2});
  for (int i = 0; i < 20; ++i) {
    reader.feed("*2\r\n:1\r\n:1\r\n+OK\r\n");
    CHECK(reader.next()->has_value());
    CHECK(reader.next()->has_value());
  }
  CHECK_FALSE(reader.next()->has_value());
}

TEST_CASE("a command is an array of bulk strings, exact for any bytes") {
  const std::vector<std::string> words = {"DM.PUT", "", "a\r\n\0b"s};
  CHECK(encode_command(words) == "*3\r\n$6\r\nDM.PUT\r\n$0\r\n\r\n$5\r\na\r\n\0b\r\n"s);
  // What is sent reads back as it was.
  RespReader reader;
  reader.feed(encode_command(words));
  const auto back = reader.next();
  REQUIRE(back.ok());
  CHECK(back->value() == array({text(Kind::bulk, words[0]), text(Kind::bulk, words[1]),
                                text(Kind::bulk, words[2])}));
}

}  // namespace
}  // namespace orama::resp
