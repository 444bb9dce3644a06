#include "gateway/health/engine_probes.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "common/crypto/peer_id.h"
#include "common/crypto/secret.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "common/snapshot.h"
#include "gateway/backends/http_pool.h"
#include "gateway/health/engine_answers.h"
#include "gateway/health/probes.h"
#include "tests/support/run_awaitable.h"
#include "tests/support/scripted_engine.h"
#include "tests/support/tiny_resp.h"

namespace orama::gateway::health {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using tests::reply;
using tests::run;
using tests::ScriptedEngine;
using tests::TinyResp;

const std::string kPeer = crypto::peer_id_of(std::string(32, 'p'));

EngineAt at(const backends::HttpEndpoint& endpoint, const std::string& user = "") {
  EngineAt engine;
  engine.endpoint = endpoint;
  engine.user = user;
  engine.password = crypto::Secret("open sesame");
  engine.deadline = 10s;
  return engine;
}

EngineAt at(std::uint16_t port) {
  return at({mesh::IpAddress::parse("127.0.0.1").value(), port});
}

TEST_CASE("the database is asked whether it is ready, then for a row that its leader gives") {
  asio::io_context context;
  const ScriptedEngine engine({{reply(200, "[+]node ok"),
                                reply(200, R"({"results":[{"columns":["1"],"types":["integer"],)"
                                           R"("values":[[1]]}]})"),
                                reply(503, "[+]leader does not exist"), reply(200, "[+]node ok"),
                                reply(200, R"({"results":[{"error":"leader not found"}]})")}});
  const Probe probe = database_probe(context, at(engine.endpoint(), "gateway"));
  CHECK(probe.name == "database");
  CHECK(probe.engine == "rqlite");
  CHECK(probe.counting == Counting::counted);
  CHECK(run(context, probe.look()).ok());
  CHECK(run(context, probe.look()).error().code == Errc::quorum_refused);
  CHECK(run(context, probe.look()).error().code == Errc::quorum_refused);
  const auto requests = engine.requests();
  REQUIRE(requests.size() == 5);
  CHECK(requests[0].starts_with("GET /readyz HTTP/1.1\r\n"));
  CHECK(requests[0].find("Authorization: Basic Z2F0ZXdheTpvcGVuIHNlc2FtZQ==\r\n") !=
        std::string::npos);
  CHECK(requests[1].starts_with("POST /db/query?level=weak HTTP/1.1\r\n"));
}

TEST_CASE("the cache is given the password and a PING at once") {
  asio::io_context context;
  SUBCASE("up") {
    TinyResp server({"+OK\r\n+PONG\r\n"}, TinyResp::End::waits);
    const Probe probe = cache_probe(context, at(server.port()));
    CHECK(probe.name == "cache");
    CHECK(run(context, probe.look()).ok());
    server.stop();
    CHECK(server.heard() == "*2\r\n$4\r\nAUTH\r\n$11\r\nopen sesame\r\n*1\r\n$4\r\nPING\r\n");
  }
  SUBCASE("alone") {
    TinyResp server({"-ERR failed to find enough peers to create quorum\r\n-NOAUTH no\r\n"},
                    TinyResp::End::waits);
    const auto outcome = run(context, cache_probe(context, at(server.port())).look());
    CHECK(outcome.error().code == Errc::quorum_refused);
    CHECK(probe_reason(outcome.error().code) == "not_ready");
  }
  SUBCASE("closed before the second reply") {
    TinyResp server({"+OK\r\n"}, TinyResp::End::closes);
    const auto outcome = run(context, cache_probe(context, at(server.port())).look());
    CHECK(outcome.error().code == Errc::unreachable);
    CHECK(outcome.error().message.find("sesame") == std::string::npos);
  }
  SUBCASE("silent") {
    TinyResp server({""}, TinyResp::End::waits);
    EngineAt engine = at(server.port());
    engine.deadline = 50ms;
    CHECK(run(context, cache_probe(context, engine).look()).error().code == Errc::timeout);
  }
  SUBCASE("another protocol") {
    TinyResp server({"HTTP/1.1 400 Bad Request\r\n\r\n"}, TinyResp::End::closes);
    CHECK(run(context, cache_probe(context, at(server.port())).look()).error().code ==
          Errc::failed);
  }
  SUBCASE("nobody listens") {
    std::uint16_t port = 0;
    {
      const TinyResp gone({}, TinyResp::End::closes);
      port = gone.port();
    }
    CHECK(run(context, cache_probe(context, at(port)).look()).error().code == Errc::unreachable);
  }
}

TEST_CASE("storage and pinning are remembered by what they say of themselves") {
  asio::io_context context;
  const json storage_id = {{"ID", kPeer}, {"Addresses", {"/ip4/127.0.7.1/tcp/4001"}}};
  const json pinning_id = {{"id", kPeer}, {"addresses", json::array()}, {"ipfs", {{"error", ""}}}};
  const ScriptedEngine storage({{reply(200, storage_id.dump()), reply(500, "{}")}});
  const ScriptedEngine pinning({{reply(200, pinning_id.dump()), reply(401, "{}")}});
  const auto storage_told = std::make_shared<Snapshot<EngineIdentity>>();
  const auto pinning_told = std::make_shared<Snapshot<EngineIdentity>>();
  const Probe storage_look = storage_probe(context, at(storage.endpoint()), storage_told);
  const Probe pinning_look = pinning_probe(context, at(pinning.endpoint(), "orama"), pinning_told);
  CHECK(storage_told->get()->peer_id.empty());
  CHECK(run(context, storage_look.look()).ok());
  CHECK(run(context, pinning_look.look()).ok());
  CHECK(storage_told->get()->peer_id == kPeer);
  CHECK(storage_told->get()->addresses == std::vector<std::string>{"/ip4/127.0.7.1/tcp/4001"});
  CHECK(pinning_told->get()->peer_id == kPeer);
  CHECK_FALSE(run(context, storage_look.look()).ok());
  CHECK(run(context, pinning_look.look()).error().code == Errc::not_allowed);
  CHECK(storage_told->get()->peer_id == kPeer);  // a name outlives a failure
  CHECK(storage.requests().front().starts_with("POST /api/v0/id HTTP/1.1\r\n"));
  CHECK(storage.requests().front().find("Authorization") == std::string::npos);
  CHECK(pinning.requests().front().starts_with("GET /id HTTP/1.1\r\n"));
  CHECK(pinning.requests().front().find("Authorization: Basic ") != std::string::npos);
}

}  // namespace
}  // namespace orama::gateway::health
