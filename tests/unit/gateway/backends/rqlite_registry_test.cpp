#include "gateway/backends/rqlite_registry.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include "common/crypto/secret.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "tests/support/run_awaitable.h"
#include "tests/support/scripted_engine.h"

namespace orama::gateway::backends {
namespace {

using tests::reply;
using tests::run;
using tests::ScriptedEngine;
using Script = std::vector<std::vector<tests::EngineStep>>;

const std::string kRow = R"({"results":[{"columns":["1"],"values":[[1]]}]})";

RqliteRegistry::Options options_for(const ScriptedEngine& engine) {
  RqliteRegistry::Options options;
  options.endpoint = engine.endpoint();
  options.user = "gateway";
  options.password = crypto::Secret("pass");
  return options;
}

Result<Rows> read(asio::io_context& context, RqliteRegistry& registry) {
  return run(context, registry.query(Statement("SELECT 1"), Consistency::weak));
}

std::string level_of(const std::string& request) {
  const auto at = request.find("level=") + 6;
  return request.substr(at, request.find(' ', at) - at);
}

TEST_CASE("weak reads count only after a linearizable one, at the start and after each error") {
  const ScriptedEngine engine(Script{
      {reply(500, "leader not found"), reply(200, kRow), reply(200, kRow),
       reply(200, R"({"results":[],"error":"stale read"})"), reply(200, kRow), reply(200, kRow),
       reply(200, R"({"results":[{"error":"UNIQUE constraint failed: t.a"}]})"), reply(200, kRow),
       reply(200, R"({"results":[],"error":"leadership lost while committing log"})"),
       reply(200, kRow)}});
  asio::io_context context;
  RqliteRegistry registry({&context}, options_for(engine));
  const auto write = [&] {
    std::vector<Statement> statements;
    statements.emplace_back("INSERT INTO t VALUES (1)");
    return run(context, registry.execute(std::move(statements)));
  };
  CHECK(!read(context, registry).ok());
  CHECK(read(context, registry).ok());
  CHECK(read(context, registry).ok());
  CHECK(!read(context, registry).ok());
  CHECK(read(context, registry).ok());
  CHECK(read(context, registry).ok());
  CHECK(!write().ok());  // a constraint: no trouble of the engine
  CHECK(read(context, registry).ok());
  CHECK(!write().ok());
  CHECK(read(context, registry).ok());

  const auto requests = engine.requests();
  REQUIRE(requests.size() == 10);
  const std::vector<std::pair<std::size_t, std::string>> expected = {
      {0, "linearizable"}, {1, "linearizable"}, {2, "weak"}, {3, "weak"},
      {4, "linearizable"}, {5, "weak"},         {7, "weak"}, {9, "linearizable"}};
  for (const auto& [index, level] : expected) {
    CAPTURE(index);
    CHECK(level_of(requests[index]) == level);
  }
  CHECK(requests[6].starts_with("POST /db/execute?transaction&norwtime&norwrandom HTTP/1.1\r\n"));
  CHECK(requests[6].find("Authorization: Basic Z2F0ZXdheTpwYXNz\r\n") != std::string::npos);
}

TEST_CASE("a linearizable read is one whenever it is asked for") {
  const ScriptedEngine engine(Script{{reply(200, kRow), reply(200, kRow)}});
  asio::io_context context;
  RqliteRegistry registry({&context}, options_for(engine));
  REQUIRE(read(context, registry).ok());
  REQUIRE(run(context, registry.query(Statement("SELECT 1"), Consistency::linearizable)).ok());
  CHECK(level_of(engine.requests()[1]) == "linearizable");
}

TEST_CASE("the state needs both answers") {
  const std::string nodes =
      R"({"nodes":[{"id":"n1","voter":true,"reachable":true,"leader":true}]})";
  const ScriptedEngine engine(Script{
      {reply(200, nodes), reply(200, R"({"store":{}})"), reply(200, nodes), reply(401, "")}});
  asio::io_context context;
  RqliteRegistry registry({&context}, options_for(engine));
  auto state = run(context, registry.state());
  REQUIRE(state.ok());
  CHECK(state->leader_id == "n1");
  CHECK(!run(context, registry.state()).ok());
}

}  // namespace
}  // namespace orama::gateway::backends
