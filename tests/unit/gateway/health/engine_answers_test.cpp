#include "gateway/health/engine_answers.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/crypto/peer_id.h"
#include "common/resp/reply.h"
#include "common/result.h"

namespace orama::gateway::health {
namespace {

using nlohmann::json;
using resp::RespReply;

const std::string kPeer = crypto::peer_id_of(std::string(32, 'p'));

RespReply reply(RespReply::Kind kind, std::string text) {
  RespReply made;
  made.kind = kind;
  made.text = std::move(text);
  return made;
}

RespReply status(std::string text) {
  return reply(RespReply::Kind::status, std::move(text));
}

RespReply error(std::string text) {
  return reply(RespReply::Kind::error, std::move(text));
}

json cluster_id() {
  return {{"id", kPeer},
          {"addresses", {"/ip4/127.0.7.1/tcp/9096/p2p/" + kPeer}},
          {"error", ""},
          {"ipfs", {{"id", kPeer}, {"addresses", nullptr}, {"error", ""}}}};
}

TEST_CASE("the database: ready, not ready, or not ours") {
  CHECK(judge_database_ready(200, "[+]node ok").ok());
  CHECK(judge_database_ready(503, "[+]node ok\n[+]leader does not exist").error().code ==
        Errc::quorum_refused);
  const auto refused = judge_database_ready(401, "Unauthorized");
  CHECK(refused.error().code == Errc::not_allowed);
  CHECK(refused.error().message.find("databases.key") != std::string::npos);
}

TEST_CASE("the cache: a PONG is up, a lone member of three is not ready") {
  CHECK(judge_cache({status("OK"), status("PONG")}).ok());
  const auto alone = judge_cache({error("ERR failed to find enough peers to create quorum"),
                                  error("NOAUTH Authentication required.")});
  CHECK(alone.error().code == Errc::quorum_refused);
  for (const char* text : {"WRONGPASS wrong password", "NOAUTH Authentication required."}) {
    const auto refused = judge_cache({error(text)});
    CHECK(refused.error().code == Errc::not_allowed);
    CHECK(refused.error().message.find("olric-password") != std::string::npos);
  }
  CHECK(judge_cache({error("ERR canceled\nby a line end")}).error().code == Errc::failed);
  CHECK(judge_cache({error("ERR canceled\nby")}).error().message.find('\n') == std::string::npos);
  CHECK(judge_cache({status("OK"), status("OK")}).error().code == Errc::failed);
  CHECK(judge_cache({}).error().code == Errc::failed);
}

TEST_CASE("the storage says who it is") {
  const json body = {{"ID", kPeer}, {"Addresses", {"/ip4/127.0.7.1/tcp/4001/p2p/" + kPeer}}};
  const auto found = read_storage_id(200, body.dump());
  REQUIRE(found.ok());
  CHECK(found->peer_id == kPeer);
  CHECK(found->addresses == std::vector<std::string>{"/ip4/127.0.7.1/tcp/4001/p2p/" + kPeer});
  CHECK(read_storage_id(200, json({{"ID", kPeer}, {"Addresses", nullptr}}).dump()).ok());
  const std::vector<std::pair<int, std::string>> wrong = {
      {200, ""},
      {200, "[]"},
      {200, "{}"},
      {200, R"({"ID":"QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"})"},
      {500, body.dump()},
      {404, "404 page not found"},
      {200, json({{"ID", kPeer}, {"Addresses", std::vector<std::string>(65, "a")}}).dump()}};
  for (const auto& [code, text] : wrong) {
    CAPTURE(text);
    CHECK_FALSE(read_storage_id(code, text).ok());
  }
  CHECK(read_storage_id(
            200, json({{"ID", kPeer}, {"Addresses", std::vector<std::string>(64, "a")}}).dump())
            .ok());
}

TEST_CASE("the pinning is up only with its own storage") {
  const auto found = read_pinning_id(200, cluster_id().dump());
  REQUIRE(found.ok());
  CHECK(found->peer_id == kPeer);
  CHECK(found->addresses.size() == 1);

  json without = cluster_id();
  without["ipfs"]["error"] = "dial tcp 127.0.0.1:4501: connect: connection refused";
  const auto pending = read_pinning_id(200, without.dump());
  CHECK(pending.error().code == Errc::pending);
  CHECK(pending.error().message.find("connection refused") != std::string::npos);
  json broken = cluster_id();
  broken["error"] = "context deadline exceeded";
  CHECK(read_pinning_id(200, broken.dump()).error().code == Errc::failed);
  json silent = cluster_id();
  silent.erase("ipfs");
  CHECK_FALSE(read_pinning_id(200, silent.dump()).ok());
  for (const int code : {401, 403}) {
    const auto refused = read_pinning_id(code, R"({"code":401,"message":"unauthorized"})");
    CHECK(refused.error().code == Errc::not_allowed);
    CHECK(refused.error().message.find("ipfs-cluster-rest-password") != std::string::npos);
  }
  CHECK(read_pinning_id(500, "").error().code == Errc::failed);
}

}  // namespace
}  // namespace orama::gateway::health
