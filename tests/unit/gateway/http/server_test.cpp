// The transport over real sockets: what a client sees byte by byte.
#include "gateway/http/server.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/log.h"
#include "common/result.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/exchange.h"
#include "gateway/http/limits.h"
#include "gateway/http/service.h"
#include "gateway/http/workers.h"
#include "tests/unit/gateway/http/raw_client.h"
#include "tests/unit/gateway/http/test_gateway.h"

namespace orama::gateway::http {

namespace {

using namespace std::chrono_literals;
using testing::Answer;
using testing::GatewaySetup;
using testing::RawClient;
using testing::TestGateway;

const std::string kGet = "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n";

std::string post(const std::string& path, const std::string& headers, const std::string& body) {
  return "POST " + path + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}

std::string with_length(std::size_t size) {
  return "Content-Length: " + std::to_string(size) + "\r\n";
}

std::string code_of(const Answer& answer) {
  return answer.status != 0 ? nlohmann::json::parse(answer.body).value("code", "") : "no answer";
}

GatewaySetup hasty() {
  GatewaySetup setup;
  setup.timeouts.head = 150ms;
  setup.timeouts.body = 150ms;
  setup.timeouts.write = 150ms;
  setup.timeouts.idle = 150ms;
  setup.timeouts.tick = 10ms;
  return setup;
}

}  // namespace

TEST_CASE("an answer is framed, dated, and the connection stays open") {
  TestGateway gateway;
  RawClient client = gateway.connect();
  for (int i = 0; i < 3; ++i) {
    const Answer answer = client.ask(kGet);
    CHECK(answer.head.substr(0, 17) == "HTTP/1.1 200 OK\r\n");
    CHECK(answer.headers.at("content-type") == "application/json");
    CHECK(nlohmann::json::parse(answer.body)["ok"] == true);
    CHECK(answer.headers.at("date").size() == 29);
    CHECK(answer.headers.count("connection") == 0);
  }
}

TEST_CASE("pipelined requests are answered in order") {
  TestGateway gateway;
  RawClient client = gateway.connect();
  std::string bytes;
  for (int i = 0; i < 20; ++i) {
    bytes += post("/echo", with_length(2), std::to_string(10 + i));
  }
  REQUIRE(client.send(bytes));
  for (int i = 0; i < 20; ++i) {
    const Answer answer = client.read();
    CHECK(answer.body == std::to_string(10 + i));
  }
}

TEST_CASE("a request in single bytes is the same request") {
  TestGateway gateway;
  RawClient client = gateway.connect();
  const std::string bytes =
      post("/echo", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  for (const char c : bytes) {
    REQUIRE(client.send(std::string(1, c)));
  }
  const Answer answer = client.read();
  CHECK(answer.status == 200);
  CHECK(answer.body == "abcde");
}

TEST_CASE("HTTP/1.0 and Connection: close are answered and closed") {
  TestGateway gateway;
  for (const std::string& bytes :
       {std::string("GET /ok HTTP/1.0\r\n\r\n"),
        std::string("GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")}) {
    RawClient client = gateway.connect();
    const Answer answer = client.ask(bytes);
    CHECK(answer.status == 200);
    CHECK(answer.headers.at("connection") == "close");
    CHECK(client.is_closed());
  }
}

TEST_CASE("HEAD has the headers of GET and no body") {
  TestGateway gateway;
  RawClient client = gateway.connect();
  const Answer get = client.ask("GET /ok HTTP/1.1\r\nHost: a\r\nX-Request-ID: r\r\n\r\n");
  REQUIRE(client.send("HEAD /ok HTTP/1.1\r\nHost: a\r\nX-Request-ID: r\r\n\r\n"));
  const Answer head = client.read(RawClient::Body::none);
  CHECK(head.headers.at("content-length") == get.headers.at("content-length"));
  CHECK(client.ask(kGet).status == 200);  // nothing of a body lies in between
  REQUIRE(client.send("HEAD /nothing HTTP/1.1\r\nHost: a\r\n\r\n"));
  CHECK(client.read(RawClient::Body::none).status == 404);
  CHECK(client.ask(kGet).status == 200);
}

TEST_CASE("a malformed request is answered 400 and the connection closed") {
  TestGateway gateway;
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string("GET / HTTP/1.1\nHost: a\n\n"),
        std::string("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        post("/echo", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "x"),
        post("/echo", "Transfer-Encoding: chunked\r\n", "x\r\n")}) {
    CAPTURE(bytes);
    RawClient client = gateway.connect();
    const Answer answer = client.ask(bytes + kGet);
    CHECK(code_of(answer) == "BAD_REQUEST");
    CHECK(answer.headers.at("connection") == "close");
    CHECK(answer.headers.at("x-content-type-options") == "nosniff");
    CHECK(nlohmann::json::parse(answer.body)["request_id"] == answer.headers.at("x-request-id"));
    CHECK(client.is_closed());  // what came behind it is never taken for a request
  }
}

TEST_CASE("heads over their limits") {
  TestGateway gateway;
  const Answer long_line = gateway.get("/" + std::string(kMaxRequestLine, 'a'));
  CHECK(long_line.status == 414);
  CHECK(code_of(long_line) == "URI_TOO_LONG");
  const Answer long_header = gateway.get("/ok", "X: " + std::string(kMaxHeaderBytes, 'a') + "\r\n");
  CHECK(long_header.status == 431);
  CHECK(code_of(long_header) == "HEADERS_TOO_LARGE");
  // both at their limits at once fit
  const std::string line = "/ok?" + std::string(kMaxRequestLine - 17, 'q');
  const std::string header = "X: " + std::string(kMaxHeaderBytes - 14, 'a') + "\r\n";
  CHECK(gateway.get(line, header).status == 200);
}

TEST_CASE("a body over the route's limit is refused before it is sent") {
  TestGateway gateway;
  RawClient fits = gateway.connect();
  CHECK(fits.ask(post("/echo", with_length(1024), std::string(1024, 'b'))).body.size() == 1024);

  RawClient client = gateway.connect();
  const Answer answer = client.ask(post("/echo", with_length(1025), ""));
  CHECK(code_of(answer) == "PAYLOAD_TOO_LARGE");
  CHECK(nlohmann::json::parse(answer.body)["details"]["limit"] == 1024);
  CHECK(client.is_closed());
}

TEST_CASE("a client that sends all of a body that is too large still reads the answer") {
  TestGateway gateway;
  const std::size_t size = 4UL * 1024 * 1024;
  RawClient client = gateway.connect();
  static_cast<void>(client.send(post("/echo", with_length(size), std::string(size, 'b'))));
  CHECK(code_of(client.read()) == "PAYLOAD_TOO_LARGE");
}

TEST_CASE("a body for a route that takes none is dropped up to 64 KiB") {
  TestGateway gateway;
  RawClient client = gateway.connect();
  const std::string fits(kMaxDroppedBody, 'b');
  const std::string get = "GET /ok HTTP/1.1\r\nHost: a\r\n";
  CHECK(client.ask(get + with_length(fits.size()) + "\r\n" + fits).status == 200);
  CHECK(client.ask(kGet).status == 200);
  CHECK(code_of(client.ask(get + with_length(fits.size() + 1) + "\r\n" + fits + "b")) ==
        "PAYLOAD_TOO_LARGE");
  RawClient chunked = gateway.connect();
  CHECK(code_of(chunked.ask(get + "Transfer-Encoding: chunked\r\n\r\n10001\r\n")) ==
        "PAYLOAD_TOO_LARGE");
}

TEST_CASE("the unread body of an early answer is not taken for the next request") {
  TestGateway gateway;
  RawClient client = gateway.connect();
  // 404 before the body is looked at; the body looks like a request
  REQUIRE(client.send(post("/nothing", with_length(kGet.size()), kGet) + kGet));
  CHECK(client.read().status == 404);
  CHECK(client.read().status == 200);
  RawClient closing = gateway.connect();
  const Answer answer = closing.ask(post("/nothing", with_length(kMaxDroppedBody + 1), ""));
  CHECK(answer.status == 404);
  CHECK(closing.is_closed());
}

TEST_CASE("Expect: 100-continue") {
  TestGateway gateway;
  RawClient client = gateway.connect();
  REQUIRE(client.send(post("/echo", "Expect: 100-continue\r\n" + with_length(3), "")));
  const Answer go_on = client.read();
  CHECK(go_on.head == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(client.ask("abc").body == "abc");
  // a final answer instead, and then the end: the client may or may not send the body now
  CHECK(code_of(client.ask(post("/echo", "Expect: 100-continue\r\n" + with_length(1025), ""))) ==
        "PAYLOAD_TOO_LARGE");
  CHECK(client.is_closed());
  RawClient refused = gateway.connect();
  CHECK(refused.ask(post("/nothing", "Expect: 100-continue\r\n" + with_length(3), "")).status ==
        404);
  CHECK(refused.is_closed());
}

TEST_CASE("slow senders") {
  TestGateway gateway(hasty());
  RawClient head = gateway.connect();
  CHECK(code_of(head.ask("GET /ok HTTP/1.1\r\nHost: a\r\n")) == "REQUEST_TIMEOUT");
  CHECK(head.is_closed());

  RawClient body = gateway.connect();
  CHECK(code_of(body.ask(post("/echo", with_length(3), "ab"))) == "REQUEST_TIMEOUT");
  CHECK(body.is_closed());

  RawClient silent = gateway.connect();
  CHECK(silent.is_closed());  // without an answer: nothing was asked

  RawClient idle = gateway.connect();
  CHECK(idle.ask(kGet).status == 200);
  CHECK(idle.is_closed());
}

TEST_CASE("one byte now and then does not keep a head open") {
  TestGateway gateway(hasty());
  RawClient client = gateway.connect();
  REQUIRE(client.send("GET /ok HTTP/1.1\r\nX: "));
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (client.send("a") && gateway.connections() > 0 &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(5ms);
  }
  CHECK(gateway.connections() == 0);
  CHECK(code_of(client.read()) == "REQUEST_TIMEOUT");
}

TEST_CASE("a reader that does not read is given up") {
  TestGateway gateway(hasty());
  RawClient client = gateway.connect();
  REQUIRE(client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n"));
  gateway.wait_for_connections(1);
  gateway.wait_for_connections(0);
  CHECK(gateway.connections() == 0);
}

TEST_CASE("an answer larger than the socket's buffers arrives whole") {
  TestGateway gateway;
  const Answer answer = gateway.get("/big");
  CHECK(answer.status == 200);
  CHECK(answer.body == std::string(8UL * 1024 * 1024, 'x'));
}

TEST_CASE("every listening socket is accepted on, whatever the number of threads") {
  struct Row {
    std::size_t threads, sockets;
  };
  for (const Row row : {Row{1, 3}, Row{2, 5}, Row{3, 1}, Row{2, 2}}) {
    CAPTURE(row.threads);
    CAPTURE(row.sockets);
    GatewaySetup setup;
    setup.threads = row.threads;
    setup.sockets = row.sockets;
    TestGateway gateway(setup);
    // the kernel spreads connections over the sockets by a hash of the client's port
    for (int i = 0; i < 40; ++i) {
      REQUIRE(gateway.get("/ok").status == 200);
    }
  }
}

TEST_CASE("connections past the limit get a cheap 503") {
  GatewaySetup setup;
  setup.max_connections = 3;
  TestGateway gateway(setup);
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(gateway.connect());
    CHECK(clients.back().ask(kGet).status == 200);
  }
  RawClient fourth = gateway.connect();
  const Answer refused = fourth.read();  // without asking
  CHECK(code_of(refused) == "OVERLOADED");
  CHECK(refused.headers.at("retry-after") == "1");
  CHECK(fourth.is_closed());
  CHECK(clients.front().ask(kGet).status == 200);
  // the admin socket still answers: it is how one finds out
  CHECK(gateway.connect_admin().ask("GET /admin/status HTTP/1.1\r\nHost: a\r\n\r\n").status != 503);
  clients.clear();
  gateway.wait_for_connections(0);
  CHECK(gateway.get("/ok").status == 200);
}

TEST_CASE("what is no listening socket is refused by name") {
  const Log log = Log::discard();
  Workers workers(1, log);
  struct Nothing final : Service {
    Awaitable<void> serve(Exchange& exchange) override {
      exchange.close = true;
      co_return;
    }
    void refuse(Exchange& exchange, ApiError error) override {
      exchange.response.status = http_status(error.code);
    }
    void finished(Exchange& exchange, std::size_t bytes) override { exchange.bytes_in = bytes; }
  } service;
  Server server({}, workers, service, log);
  const Result<void> outcome = server.listen({0});
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == Errc::invalid_argument);
  CHECK(outcome.error().message == "descriptor 0 is no listening stream socket");
}

}  // namespace orama::gateway::http
