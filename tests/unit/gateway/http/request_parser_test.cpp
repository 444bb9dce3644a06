// What is a request and what is not: good ones, the heads and bodies that two servers in a row
// could read differently, every limit at the limit and one past it, and the same verdict wherever
// the bytes were split.
#include "gateway/http/request_parser.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/limits.h"
#include "gateway/http/request_head.h"
#include "tests/unit/gateway/http/parse_whole.h"

namespace orama::gateway::http {

namespace {

using testing::every_byte;
using testing::parse_in_pieces;
using testing::parse_whole;
using testing::Parsed;

std::string chunked(std::string_view body) {
  return "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
}

}  // namespace

TEST_CASE("a plain request is taken as it was sent") {
  const Parsed got = parse_whole(
      "GET /v1/cache/a%20b?x=1&y=%2F HTTP/1.1\r\nHost: node1.example.com:6001\r\nX-Empty:\r\n"
      "X-Spaces: \t two words \t\r\n\r\n");
  CHECK(got.outcome == "complete");
  CHECK(got.method == "GET");
  CHECK(got.path == "/v1/cache/a b");
  CHECK(got.query == "x=1&y=%2F");
  CHECK(got.fields ==
        std::vector<std::string>{"Host=node1.example.com:6001", "X-Empty=", "X-Spaces=two words"});
  CHECK(got.keep_alive);
}

TEST_CASE("good messages") {
  struct Row {
    std::string_view bytes, method, path, body;
    bool keep_alive;
  };
  const std::vector<Row> rows{
      {"GET / HTTP/1.0\r\n\r\n", "GET", "/", "", false},
      {"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD", "/", "", true},
      {"GET / HTTP/1.1\r\nHost: [fd00::1]:6001\r\nConnection: close\r\n\r\n", "GET", "/", "",
       false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade, Close\r\n\r\n", "GET", "/", "", false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET", "/", "", false},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS", "*", "", true},
      {"GET http://other.example:80/p?q HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/p", "", true},
      {"GET HTTPS://other.example HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/", "", true},
      {"PATCH /p HTTP/1.1\r\nHost: a\r\n\r\n", "OTHER", "/p", "", true},
      {"BREW /p HTTP/1.1\r\nHost: a\r\n\r\n", "OTHER", "/p", "", true},
      {"get /p HTTP/1.1\r\nHost: a\r\n\r\n", "OTHER", "/p", "", true},
      {"PUT /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET", "PUT", "/p", "abc", true},
      {"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "POST", "/p", "", true},
      {"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "GET", "/",
       "", true},
      {"GET /.well-known/jwks.json HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/.well-known/jwks.json",
       "", true},
      {"GET /%C3%A9/...x HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/\xC3\xA9/...x", "", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    const Parsed got = parse_whole(row.bytes);
    CHECK(got.outcome == "complete");
    CHECK(got.method == row.method);
    CHECK(got.path == row.path);
    CHECK(got.body == row.body);
    CHECK(got.keep_alive == row.keep_alive);
  }
}

TEST_CASE("heads that are refused as BAD_REQUEST") {
  const std::string h = "GET / HTTP/1.1\r\nHost: a\r\n";
  const std::string p = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::vector<std::string> heads{
      // framing that could be read in two ways
      p + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
      p + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
      p + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n",
      p + "Content-Length: 3\r\nContent-Length: 3\r\n\r\n",
      p + "Content-Length: 3, 3\r\n\r\n",
      p + "Content-Length: +3\r\n\r\n",
      p + "Content-Length: -3\r\n\r\n",
      p + "Content-Length: 0x3\r\n\r\n",
      p + "Content-Length: 3 3\r\n\r\n",
      p + "Content-Length:\r\n\r\n",
      p + "Content-Length: 18446744073709551616\r\n\r\n",
      p + "Transfer-Encoding: xchunked\r\n\r\n",
      p + "Transfer-Encoding: chunked, gzip\r\n\r\n",
      p + "Transfer-Encoding: gzip, chunked\r\n\r\n",
      p + "Transfer-Encoding: gzip\r\n\r\n",
      p + "Transfer-Encoding: identity\r\n\r\n",
      p + "Transfer-Encoding:\r\n\r\n",
      p + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      p + "Transfer-Encoding: \"chunked\"\r\n\r\n",
      p + "Transfer-Encoding: chunked;q=1\r\n\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
      // lines
      h + "X: a\r\n b\r\n\r\n",
      h + "X: a\r\n\tb\r\n\r\n",
      "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
      "GET / HTTP/1.1\nHost: a\n\n",
      "GET / HTTP/1.1\r\nHost: a\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n\n",
      "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
      "GET / HTTP/1.1\r\rHost: a\r\n\r\n",
      h + "X: a" + std::string(1, '\0') + "b\r\n\r\n",
      h + std::string("X") + std::string(1, '\0') + ": b\r\n\r\n",
      h + "X: a\x01"
          "b\r\n\r\n",
      h + "X: a\x7F"
          "b\r\n\r\n",
      h + "X : a\r\n\r\n",
      h + "X\t: a\r\n\r\n",
      h + ": a\r\n\r\n",
      h + "X\r\n\r\n",
      h + "X y: a\r\n\r\n",
      h + "X(y): a\r\n\r\n",
      h + "X\xC3\xA9: a\r\n\r\n",
      "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
      " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      // who is meant
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost:\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: user@a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
      h + "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
      // the request line
      "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /  HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
      "GET /\r\nHost: a\r\n\r\n",
      "GET\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.2\r\nHost: a\r\n\r\n",
      "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
      "GET / HTTP/0.9\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.10\r\nHost: a\r\n\r\n",
      "GET / http/1.1\r\nHost: a\r\n\r\n",
      "GET / ICE/1.0\r\nHost: a\r\n\r\n",
      "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\x16\x03\x01\x02\x00\x01",
      // the target
      "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
      "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET http:///p HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET http://user@a/p HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /\xC3\xA9 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a/./b HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /.. HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a/. HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /%2e%2e/b HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a/.%2E/b HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a%2Fb HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a% HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a%4 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a%FF HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a%C0%AF HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a?b=%zz HTTP/1.1\r\nHost: a\r\n\r\n",
      h + "Expect: something\r\n\r\n",
  };
  for (const std::string& head : heads) {
    CAPTURE(head);
    CHECK(parse_whole(head).outcome == "BAD_REQUEST");
    CHECK(parse_in_pieces(head, every_byte(head.size())).outcome == "BAD_REQUEST");
  }
}

TEST_CASE("chunked bodies are decoded") {
  struct Row {
    std::string_view wire, body;
  };
  const std::vector<Row> rows{
      {"0\r\n\r\n", ""},
      {"3\r\nabc\r\n0\r\n\r\n", "abc"},
      {"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"},
      {"A\r\n0123456789\r\n0\r\n\r\n", "0123456789"},
      {"a\r\n0123456789\r\n0\r\n\r\n", "0123456789"},
      {"0000000000000003\r\nabc\r\n0\r\n\r\n", "abc"},
      {"3;name=value\r\nabc\r\n0;last\r\n\r\n", "abc"},
      {"3;name=\"quoted; text\"\r\nabc\r\n0\r\n\r\n", "abc"},
      {"3\r\n\r\n\n\r\n0\r\n\r\n", "\r\n\n"},
      {"3\r\nabc\r\n0\r\nX-Trailer: dropped\r\n\r\n", "abc"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.wire);
    const std::string bytes = chunked(row.wire);
    const Parsed got = parse_whole(bytes + "GET /next");
    CHECK(got.outcome == "complete");
    CHECK(got.body == row.body);
    CHECK(got.used == bytes.size());
    CHECK(parse_in_pieces(bytes, every_byte(bytes.size())) == parse_whole(bytes));
  }
}

TEST_CASE("chunked bodies that are refused") {
  const std::vector<std::string_view> rows{
      "\r\nabc\r\n0\r\n\r\n",        "g\r\nabc\r\n0\r\n\r\n",
      "0x3\r\nabc\r\n0\r\n\r\n",     "-3\r\nabc\r\n0\r\n\r\n",
      " 3\r\nabc\r\n0\r\n\r\n",      "3 \r\nabc\r\n0\r\n\r\n",
      "3\nabc\r\n0\r\n\r\n",         "3\rabc\r\n0\r\n\r\n",
      "3\r\nabcX\r\n0\r\n\r\n",      "3\r\nabc\n0\r\n\r\n",
      "3\r\nabcd\r\n0\r\n\r\n",      "00000000000000003\r\nabc\r\n0\r\n\r\n",
      "3;\x01\r\nabc\r\n0\r\n\r\n",  "3\r\nabc\r\n0\r\nBad Trailer: x\r\n\r\n",
      "3\r\nabc\r\n0\r\nX: y\n\r\n", "3\r\nabc\r\n0\r\n X: y\r\n\r\n",
  };
  for (const std::string_view row : rows) {
    CAPTURE(row);
    const std::string bytes = chunked(row);
    CHECK(parse_whole(bytes).outcome == "BAD_REQUEST");
    CHECK(parse_in_pieces(bytes, every_byte(bytes.size())).outcome == "BAD_REQUEST");
  }
}

TEST_CASE("limits of a head, at the limit and one past it") {
  auto with_line = [](std::size_t size) {
    const std::string frame = "GET / HTTP/1.1";
    return "GET /" + std::string(size - frame.size(), 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
  };
  CHECK(parse_whole(with_line(kMaxRequestLine)).outcome == "complete");
  CHECK(parse_whole(with_line(kMaxRequestLine + 1)).outcome == "URI_TOO_LONG");

  auto with_header_bytes = [](std::size_t size) {
    const std::string host = "Host: a\r\n";
    const std::string frame = "X: \r\n";
    return "GET / HTTP/1.1\r\n" + host +
           "X: " + std::string(size - host.size() - frame.size(), 'a') + "\r\n\r\n";
  };
  CHECK(parse_whole(with_header_bytes(kMaxHeaderBytes)).outcome == "complete");
  CHECK(parse_whole(with_header_bytes(kMaxHeaderBytes + 1)).outcome == "HEADERS_TOO_LARGE");

  auto with_fields = [](std::size_t count) {
    std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (std::size_t i = 1; i < count; ++i) {
      head += "X: y\r\n";
    }
    return head + "\r\n";
  };
  CHECK(parse_whole(with_fields(kMaxHeaderFields)).outcome == "complete");
  CHECK(parse_whole(with_fields(kMaxHeaderFields + 1)).outcome == "HEADERS_TOO_LARGE");
}

TEST_CASE("a head over its limit is refused before its end has come") {
  CHECK(parse_whole("GET /" + std::string(kMaxRequestLine + 1, 'a')).outcome == "URI_TOO_LONG");
  CHECK(parse_whole("GET / HTTP/1.1\r\nX: " + std::string(kMaxHeaderBytes, 'a')).outcome ==
        "HEADERS_TOO_LARGE");
  CHECK(parse_whole("GET / HTTP/1.1\r\nX: " + std::string(kMaxHeaderBytes - 100, 'a')).outcome ==
        "more");
}

TEST_CASE("limits of a body, at the limit and one past it") {
  auto with_length = [](std::size_t size) {
    return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
  };
  CHECK(parse_whole(with_length(10) + std::string(10, 'b'), 10).outcome == "complete");
  // refused by what it says, before a byte of it has come
  CHECK(parse_whole(with_length(11), 10).outcome == "PAYLOAD_TOO_LARGE");

  CHECK(parse_whole(chunked("5\r\nabcde\r\n5\r\nabcde\r\n0\r\n\r\n"), 10).outcome == "complete");
  CHECK(parse_whole(chunked("5\r\nabcde\r\n6\r\n"), 10).outcome == "PAYLOAD_TOO_LARGE");
  CHECK(parse_whole(chunked("ffffffffffffffff\r\n"), 10).outcome == "PAYLOAD_TOO_LARGE");
}

TEST_CASE("limits of a chunk's line, at the limit and one past it") {
  auto with_extension = [](std::size_t size) {
    return chunked("3;" + std::string(size - 1, 'e') + "\r\nabc\r\n0\r\n\r\n");
  };
  CHECK(parse_whole(with_extension(kMaxChunkExtension)).body == "abc");
  CHECK(parse_whole(with_extension(kMaxChunkExtension + 1)).outcome == "BAD_REQUEST");
  CHECK(parse_whole(chunked("3;" + std::string(kMaxChunkExtension + 1, 'e'))).outcome ==
        "BAD_REQUEST");

  auto with_trailer = [](std::size_t size) {
    return chunked("0\r\nX: " + std::string(size - 5, 'a') + "\r\n\r\n");
  };
  CHECK(parse_whole(with_trailer(kMaxHeaderBytes)).outcome == "complete");
  CHECK(parse_whole(with_trailer(kMaxHeaderBytes + 1)).outcome == "HEADERS_TOO_LARGE");
}

TEST_CASE("what is dropped is counted against its limit and not kept") {
  RequestParser parser;
  RequestHead head;
  parser.reset();
  const std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde";
  const std::size_t used = parser.advance(bytes, head);
  parser.begin_body(head, 5, RequestParser::Keep::nothing);
  CHECK(parser.advance(std::string_view(bytes).substr(used), head) == 5);
  CHECK(parser.state() == RequestParser::State::complete);
  CHECK(parser.body().empty());
  CHECK(parser.body_size() == 5);
}

TEST_CASE("pipelined requests come out one after the other") {
  const std::string bytes =
      "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET /2 HTTP/1.1\r\nHost: "
      "a\r\n\r\n";
  const Parsed first = parse_whole(bytes);
  CHECK(first.path == "/1");
  CHECK(first.body == "hi");
  CHECK(parse_whole(std::string_view(bytes).substr(first.used)).path == "/2");
}

}  // namespace orama::gateway::http
