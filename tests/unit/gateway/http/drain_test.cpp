// What clients see while the gateway stops.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>

#include <nlohmann/json.hpp>

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

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

std::string connection_of(const Answer& answer) {
  const auto found = answer.headers.find("connection");
  return found == answer.headers.end() ? "" : found->second;
}

GatewaySetup patient() {
  GatewaySetup setup;
  setup.timeouts.tick = 10ms;
  return setup;
}

}  // namespace

TEST_CASE("idle connections are closed, and the listening sockets stay open") {
  TestGateway gateway(patient());
  RawClient idle = gateway.connect();
  CHECK(idle.ask(kGet).status == 200);
  RawClient silent = gateway.connect();
  gateway.wait_for_connections(2);
  const auto start = std::chrono::steady_clock::now();
  gateway.drain(20s);
  CHECK(std::chrono::steady_clock::now() - start < 10s);
  CHECK(gateway.connections() == 0);
  CHECK(idle.is_closed());
  CHECK(silent.is_closed());
  CHECK(gateway.listens_still());
}

TEST_CASE("a connection made during the drain waits for the next process") {
  TestGateway gateway(patient());
  CHECK(gateway.get("/ok").status == 200);
  gateway.drain(5s);
  RawClient waiting = gateway.connect();
  CHECK(waiting.send(kGet));  // lies in the queue that the socket's owner keeps
  CHECK(gateway.connections() == 0);
}

TEST_CASE("a running request is answered with Connection: close") {
  GatewaySetup setup = patient();
  setup.threads = 1;
  TestGateway gateway(setup);
  RawClient idle = gateway.connect();
  CHECK(idle.ask(kGet).status == 200);
  RawClient client = gateway.connect();
  REQUIRE(client.send(get("/hold")));
  gateway.wait_until_holding();
  std::thread drain([&] { gateway.drain(20s); });
  CHECK(idle.is_closed());  // by this the test knows that the drain has begun
  gateway.release();
  const Answer answer = client.read();
  CHECK(answer.status == 200);
  CHECK(connection_of(answer) == "close");
  CHECK(client.is_closed());
  drain.join();
  CHECK(gateway.connections() == 0);
}

TEST_CASE("a request whose head is on its way is answered") {
  GatewaySetup setup = patient();
  setup.threads = 1;
  TestGateway gateway(setup);
  RawClient idle = gateway.connect();
  CHECK(idle.ask(kGet).status == 200);
  RawClient client = gateway.connect();
  REQUIRE(client.send("GET /ok HTTP/1.1\r\n"));
  gateway.wait_for_connections(2);
  std::thread drain([&] { gateway.drain(20s); });
  CHECK(idle.is_closed());
  REQUIRE(client.send("Host: a\r\n\r\n"));
  const Answer answer = client.read();
  CHECK(answer.status == 200);
  CHECK(connection_of(answer) == "close");
  drain.join();
}

TEST_CASE("what still runs at the deadline gets SHUTTING_DOWN") {
  TestGateway gateway(patient());
  RawClient handler = gateway.connect();
  REQUIRE(handler.send(get("/hang/long")));
  gateway.wait_until_holding();
  RawClient head = gateway.connect();
  REQUIRE(head.send("GET /ok HTTP/1.1\r\n"));
  RawClient body = gateway.connect();
  REQUIRE(body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"));
  gateway.wait_for_connections(3);
  const auto start = std::chrono::steady_clock::now();
  gateway.drain(300ms);
  CHECK(std::chrono::steady_clock::now() - start < 10s);
  for (RawClient* client : {&handler, &head, &body}) {
    const Answer answer = client->read();
    CHECK(answer.status == 503);
    CHECK(nlohmann::json::parse(answer.body)["code"] == "SHUTTING_DOWN");
    CHECK(connection_of(answer) == "close");
    CHECK(answer.headers.count("retry-after") == 1);
    CHECK(client->is_closed());
  }
}

}  // namespace orama::gateway::http
