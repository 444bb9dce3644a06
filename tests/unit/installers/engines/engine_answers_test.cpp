#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/api/desired.h"
#include "common/http_client.h"
#include "common/resp/reply.h"
#include "common/result.h"
#include "installers/engines/engine_node.h"
#include "installers/engines/ipfs_cluster.h"
#include "installers/engines/kubo.h"
#include "installers/engines/membership.h"
#include "installers/engines/olric.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/engines/sample_node.h"

namespace orama::tests {
namespace {

using installers::CacheView;
using installers::Peers;
using resp::RespReply;

RespReply bulk(const std::string& text) {
  RespReply reply;
  reply.kind = RespReply::Kind::bulk;
  reply.text = text;
  return reply;
}

RespReply array(std::vector<RespReply> elements) {
  RespReply reply;
  reply.kind = RespReply::Kind::array;
  reply.elements = std::move(elements);
  return reply;
}

}  // namespace

TEST_CASE("Kubo's peers are read from what it says, an empty list too") {
  const std::string id = sample_peer_id('i');
  const std::string peers =
      R"({"Peers":[{"Addr":"/ip4/10.0.0.2/tcp/4001","Peer":")" + id + R"("},{"Peer":"none"},7]})";
  CHECK(installers::parse_connected(peers).value() == std::set<std::string>{id});
  CHECK(installers::parse_connected(R"({"Peers":null})")->empty());
  CHECK(installers::parse_connected("{}")->empty());
  CHECK_FALSE(installers::parse_connected("[]").ok());
  CHECK_FALSE(installers::parse_connected("<html>").ok());
  CHECK(installers::parse_peerings(R"({"Peers":[{"ID":")" + id + R"("}]})").value() ==
        std::set<std::string>{id});
}

TEST_CASE("IPFS Cluster's peers come a line each; one that answers with an error is not seen") {
  const std::string one = sample_peer_id('k'), two = sample_peer_id('l');
  const std::string text = R"({"id":")" + one + R"(","error":""})" + "\n" + R"({"id":")" + two +
                           R"(","error":"dial failed"})" + "\n\n";
  CHECK(installers::parse_cluster_peers(text).value() == std::set<std::string>{one});
  CHECK(installers::parse_cluster_peers("")->empty());
  CHECK_FALSE(installers::parse_cluster_peers("{\n").ok());
}

TEST_CASE("the cache's members are the addresses of its list") {
  const RespReply good =
      array({array({bulk("10.0.0.1:3320"), bulk("x")}), array({bulk("10.0.0.2:3320")})});
  CHECK(installers::parse_cache_members(good).value() ==
        std::set<std::string>{"10.0.0.1", "10.0.0.2"});
  CHECK(installers::parse_cache_members(array({}))->empty());
  for (const RespReply& bad :
       {bulk("10.0.0.1:3320"), array({bulk("10.0.0.1:3320")}), array({array({})}),
        array({array({bulk("10.0.0.1")})}), array({array({bulk(":3320")})})}) {
    CHECK_FALSE(installers::parse_cache_members(bad).ok());
  }
}

TEST_CASE("calls of Kubo name the peer once, and its own words when it refuses") {
  FakeHost fake;
  fake.http.on_request([](const HttpRequest& request) -> Result<HttpResponse> {
    return request.url.find("/peering/") != std::string::npos
               ? HttpResponse{200, {}, "{}"}
               : HttpResponse{500, {}, R"({"Message":"all dials failed"})"};
  });
  installers::Kubo kubo(fake.http, "127.0.0.1");
  const auto added = kubo.add_peering("12D3KooWx", "10.0.0.2");
  REQUIRE_FALSE(added.ok());
  CHECK(added.error().message.find("all dials failed") != std::string::npos);
  const auto requests = fake.http.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].method == "POST");
  CHECK(requests[0].url ==
        "http://127.0.0.1:4501/api/v0/swarm/peering/add?arg=/ip4/10.0.0.2/tcp/4001/p2p/12D3KooWx");
  CHECK(requests[1].url.starts_with("http://127.0.0.1:4501/api/v0/swarm/connect?arg="));
  CHECK(kubo.remove_peering("12D3KooWx").ok());
}

TEST_CASE("each engine says which members it does not see, of those that can be reached") {
  FakeHost fake;
  const installers::EngineNode node{{}, engines_desired()};
  fake.files.put("/etc/orama/secrets/ipfs-cluster-rest-password", "rest-pw\n", {0600});
  fake.http.on_request([](const HttpRequest& request) -> Result<HttpResponse> {
    if (request.url == "http://10.0.0.2:6001/livez") {
      return HttpResponse{200, {}, "{}"};
    }
    if (request.url.find("/swarm/peers") != std::string::npos) {
      return HttpResponse{200, {}, R"({"Peers":[{"Peer":")" + sample_peer_id('i') + R"("}]})"};
    }
    if (request.url.find(":9094/peers") != std::string::npos) {
      CHECK(request.user == "orama");
      CHECK(request.password == "rest-pw");
      return HttpResponse{200, {}, R"({"id":")" + sample_peer_id('l') + R"("})"};
    }
    return make_error(Errc::unreachable, "refused");
  });
  const Peers reachable = installers::reachable_peers(fake.http, node.desired);
  REQUIRE(reachable.size() == 1);
  CHECK(reachable.front().name == "node2");
  const auto cache = [](const std::string&) -> Result<CacheView> {
    return CacheView{true, {"10.0.0.2"}};
  };
  std::vector<std::string> unseen;
  for (const auto& engine : installers::member_engines(cache)) {
    // mesh_ip() is of node.json; here only the peers matter.
    installers::EngineNode self = node;
    self.node.mesh_ip = mesh::IpAddress::parse("10.0.0.1").value();
    const auto found = engine.unseen(fake.host, self, node.desired.peers);
    REQUIRE(found.ok());
    unseen.push_back(installers::listed(*found));
  }
  CHECK(unseen ==
        std::vector<std::string>{"node3 (10.0.0.3)", "node3 (10.0.0.3)", "node2 (10.0.0.2)"});
}

}  // namespace orama::tests
