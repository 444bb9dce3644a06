#include "gateway/backends/http_pool.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include "common/result.h"
#include "tests/support/run_awaitable.h"
#include "tests/support/scripted_engine.h"

namespace orama::gateway::backends {
namespace {

using namespace std::chrono_literals;
using tests::close_unanswered;
using tests::raw_reply;
using tests::reply;
using tests::run;
using tests::ScriptedEngine;
using tests::stall;
using Script = std::vector<std::vector<tests::EngineStep>>;

HttpPool::Options options_for(const ScriptedEngine& engine) {
  HttpPool::Options options;
  options.endpoint = engine.endpoint();
  options.authorization = "Basic c2VjcmV0";
  options.deadline = 5s;
  return options;
}

EngineCall read_call() {
  return EngineCall(EngineCall::Kind::read, "POST", "/db/query", "[]");
}
EngineCall write_call() {
  return EngineCall(EngineCall::Kind::write, "POST", "/db/execute", "[1]");
}

TEST_CASE("calls share a kept connection and carry head, credentials and body") {
  const ScriptedEngine engine(Script{{reply(200, "one"), reply(503, "two")}});
  asio::io_context context;
  HttpPool pool(context, options_for(engine));
  auto first = run(context, pool.call(read_call()));
  REQUIRE(first.ok());
  CHECK(first->status == 200);
  CHECK(first->body == "one");
  auto second = run(context, pool.call(write_call()));
  REQUIRE(second.ok());  // the script has one connection only
  CHECK(second->status == 503);
  const auto requests = engine.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0] == "POST /db/query HTTP/1.1\r\nHost: " + engine.endpoint().to_string() +
                           "\r\nAuthorization: Basic c2VjcmV0\r\nContent-Type: application/json\r\n"
                           "Content-Length: 2\r\n\r\n[]");
}

TEST_CASE("an engine that is not there is unreachable: nothing was sent") {
  HttpPool::Options options;
  {
    const ScriptedEngine gone(Script{});
    options = options_for(gone);
  }
  asio::io_context context;
  HttpPool pool(context, options);
  for (EngineCall call : {read_call(), write_call()}) {
    auto result = run(context, pool.call(std::move(call)));
    REQUIRE(!result.ok());
    CHECK(result.error().code == Errc::unreachable);
    CHECK(result.error().message.find("c2VjcmV0") == std::string::npos);
  }
}

TEST_CASE("a read on a connection that the engine closed goes out once more, a write never") {
  SUBCASE("read: closed at the moment of the request") {
    const ScriptedEngine engine(Script{{reply(200, "a"), close_unanswered()}, {reply(200, "b")}});
    asio::io_context context;
    HttpPool pool(context, options_for(engine));
    REQUIRE(run(context, pool.call(read_call())).ok());
    auto again = run(context, pool.call(read_call()));
    REQUIRE(again.ok());
    CHECK(again->body == "b");
  }
  SUBCASE("write: its outcome is unknown") {
    const ScriptedEngine engine(Script{{reply(200, "a"), close_unanswered()}, {reply(200, "b")}});
    asio::io_context context;
    HttpPool pool(context, options_for(engine));
    REQUIRE(run(context, pool.call(read_call())).ok());
    auto again = run(context, pool.call(write_call()));
    REQUIRE(!again.ok());
    CHECK(again.error().code == Errc::timeout);
    CHECK(engine.requests().size() == 2);
  }
  SUBCASE("write: a connection that was closed while idle is not used at all") {
    const ScriptedEngine engine(Script{{reply(200, "a")}, {reply(200, "b")}});
    asio::io_context context;
    HttpPool pool(context, options_for(engine));
    REQUIRE(run(context, pool.call(read_call())).ok());
    engine.wait_closed(1);
    auto again = run(context, pool.call(write_call()));
    REQUIRE(again.ok());
    CHECK(again->body == "b");
  }
  SUBCASE("read: twice broken is unreachable") {
    const ScriptedEngine engine(
        Script{{reply(200, "a"), close_unanswered()}, {close_unanswered()}});
    asio::io_context context;
    HttpPool pool(context, options_for(engine));
    REQUIRE(run(context, pool.call(read_call())).ok());
    auto again = run(context, pool.call(read_call()));
    REQUIRE(!again.ok());
    CHECK(again.error().code == Errc::unreachable);
    CHECK(engine.requests().size() == 3);
  }
}

TEST_CASE("the deadline holds, and the connection is not used again") {
  const ScriptedEngine engine(Script{{stall()}, {reply(200, "fresh")}});
  asio::io_context context;
  HttpPool::Options options = options_for(engine);
  options.deadline = 60ms;
  HttpPool pool(context, options);
  auto result = run(context, pool.call(read_call()));
  REQUIRE(!result.ok());
  CHECK(result.error().code == Errc::timeout);
  auto next = run(context, pool.call(read_call()));
  REQUIRE(next.ok());
  CHECK(next->body == "fresh");
}

TEST_CASE("answers that are too large or no HTTP are refused") {
  const ScriptedEngine engine(Script{{reply(200, std::string(101, 'x'))},
                                     {reply(200, std::string(100, 'x'))},
                                     {raw_reply("not HTTP at all\r\n\r\n")}});
  asio::io_context context;
  HttpPool::Options options = options_for(engine);
  options.max_reply_bytes = 100;
  options.max_idle = 0;
  HttpPool pool(context, options);
  auto large = run(context, pool.call(read_call()));
  REQUIRE(!large.ok());
  CHECK(large.error().code == Errc::too_large);
  CHECK(run(context, pool.call(read_call())).ok());
  auto noise = run(context, pool.call(read_call()));
  REQUIRE(!noise.ok());
  CHECK(noise.error().code == Errc::failed);
}

TEST_CASE("endpoints are literal addresses with a port") {
  for (const std::string_view good :
       {"http://10.0.0.1:5001", "http://127.0.0.1:1/", "http://[::1]:65535"}) {
    CAPTURE(good);
    CHECK(parse_http_endpoint(good).ok());
  }
  CHECK(parse_http_endpoint("http://[::1]:5001")->to_string() == "[::1]:5001");
  for (const std::string_view bad :
       {"", "10.0.0.1:5001", "https://10.0.0.1:5001", "http://10.0.0.1", "http://10.0.0.1:0",
        "http://10.0.0.1:65536", "http://10.0.0.1:5001/db", "http://node1:5001",
        "http://10.0.0.1:50x"}) {
    CAPTURE(bad);
    CHECK(!parse_http_endpoint(bad).ok());
  }
}

}  // namespace
}  // namespace orama::gateway::backends
