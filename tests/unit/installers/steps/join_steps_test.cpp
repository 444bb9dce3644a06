// The steps of a join between the redemption and its confirmation, each change by itself.
#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/api/node_file.h"
#include "common/crypto/box.h"
#include "common/crypto/encoding.h"
#include "common/http_client.h"
#include "common/join/messages.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/step.h"
#include "installers/steps/cluster_link.h"
#include "installers/steps/confirm.h"
#include "installers/steps/join_call.h"
#include "installers/steps/join_record.h"
#include "installers/steps/node_file_change.h"
#include "installers/steps/node_sources.h"
#include "installers/steps/peers.h"
#include "installers/steps/registry.h"
#include "installers/steps/saved_peers.h"
#include "installers/steps/secrets.h"
#include "installers/steps/shared_secrets.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/steps/fake_link.h"
#include "tests/unit/installers/steps/joining_cluster.h"
#include "tests/unit/installers/steps/sample_spec.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes
using nlohmann::json;
using orama::Errc;
using orama::HttpRequest;
using orama::HttpResponse;
using orama::Result;

namespace {

constexpr const char* kSecrets = "/etc/orama/secrets/";

NodeSpec joiner_spec() {
  NodeSpec spec = sample_spec();
  spec.invite = "aW52aXRlLTE";
  spec.node_id = "node_9";
  spec.name = "web9";
  spec.mesh_ip = orama::mesh::IpAddress::parse("10.0.0.9").value();
  return spec;
}

struct Joiner {
  FakeHost fake;
  JoiningCluster cluster;
  NodeSpec spec = joiner_spec();
  std::shared_ptr<FakeLink> link = std::make_shared<FakeLink>(fake.clock);
  std::string tunnel_to;  // the peer with a handshake
  NodeSources sources = sample_sources();
  std::vector<std::string> told;
  std::set<std::string> stale;
  ChangeContext context{fake.host, stale};

  Joiner() {
    put_own_keys(fake);
    cluster.serve(fake);
    sources.link = link;
    sources.tunnel_endpoint = [this](const std::string& key) {
      return key == tunnel_to ? std::optional<std::string>("203.0.113.11:51820") : std::nullopt;
    };
    sources.join = std::make_shared<JoinOrder>(cluster.order());
    sources.notice = [this](const std::string& line) { told.push_back(line); };
    JoinRecord record;
    record.invite = spec.invite;
    record.url = "https://node1.example.com";
    record.grant = cluster.grant;
    REQUIRE(write_join_record(fake.files, record).ok());
    fake.files.put(paths::kNodeJson, node_file_of(spec).to_text());
    link->up = {"node1", "node2"};
  }
  void become_member() {
    orama::api::NodeFile node = node_file_of(spec);
    node.member = true;
    fake.files.put(paths::kNodeJson, node.to_text());
  }
  Result<void> apply(const Step& step) {
    auto changes = step.changes(fake.host);
    REQUIRE(changes.ok());
    for (const auto& change : *changes) {
      TRY(done, change->converged(context));
      if (!done) {
        TRY_VOID(change->apply(context));
      }
    }
    return {};
  }
  bool has_record() const { return fake.files.exists(paths::kJoinRecord); }
};

// A member's sealed answer, made by a host that has all secrets.
json sealed_for_joiner(Joiner& joiner, const std::string& extra = {},
                       const std::string& without = {}) {
  FakeHost member;
  for (const SecretRow& row : secret_table()) {
    member.files.put(kSecrets + std::string(row.name), "of the cluster: " + std::string(row.name));
  }
  const std::string users =
      R"([{"username":"gateway","password":"gw"},{"username":"agent","password":"ag"}])";
  member.files.put(std::string(kSecrets) + "rqlite-auth.json", users);
  const auto key = orama::crypto::from_base64(JoiningCluster::base64_key('n', true)).value();
  if (extra.empty() && without.empty()) {
    return {{"sealed", orama::crypto::to_base64(seal_shared_secrets(member.host, key).value())}};
  }
  json files = json::object();
  for (const SecretRow& row : secret_table()) {
    if (row.origin == SecretOrigin::shared && row.name != without) {
      files[row.name] = "x";
    }
  }
  if (!extra.empty()) {
    files[extra] = "x";
  }
  const auto box = orama::crypto::x25519_of_identity(key).value();
  (void)joiner;
  return {{"sealed", orama::crypto::to_base64(
                         orama::crypto::seal_to(box, json{{"files", files}}.dump()).value())}};
}

}  // namespace

TEST_CASE("the members of the answer are the agent's first peers, unless it saved its own") {
  Joiner joiner;
  const auto change = saved_peers(joiner.spec);
  CHECK_FALSE(change->converged(joiner.context).value());
  REQUIRE(change->apply(joiner.context).ok());
  CHECK(change->converged(joiner.context).value());
  const auto saved = orama::api::Desired::from_json(
      orama::parse_json(joiner.fake.files.content(paths::kSavedDesired)).value());
  REQUIRE(saved.ok());
  CHECK(saved->version == 0);
  CHECK(saved->self.id == "node_9");
  CHECK(saved->self.state == "redeemed");
  REQUIRE(saved->peers.size() == 2);
  CHECK(saved->peers[0].wg_public_key == JoiningCluster::base64_key('a', false));
  CHECK(saved->rqlite_join == std::vector<std::string>{"10.0.0.1:7001", "10.0.0.2:7001"});
  NodeSpec other = joiner.spec;
  other.node_id = "node_8";
  CHECK_FALSE(saved_peers(other)->converged(joiner.context).value());
}

TEST_CASE("members that answer prove the mesh; one that is down is named and stops nothing") {
  Joiner joiner;
  REQUIRE(joiner.apply(peers_step(joiner.sources)).ok());
  CHECK(joiner.told.empty());
  joiner.link->up = {"node2"};
  REQUIRE(joiner.apply(peers_step(joiner.sources)).ok());
  REQUIRE(joiner.told.size() == 1);
  CHECK(joiner.told[0].find("node1 (10.0.0.1)") != std::string::npos);
  CHECK(joiner.told[0].find("node2") == std::string::npos);
}

TEST_CASE("the member that the join was asked at must answer") {
  Joiner joiner;
  auto record = read_join_record(joiner.fake.files).value();
  record->url = "http://203.0.113.11:8080";
  REQUIRE(write_join_record(joiner.fake.files, *record).ok());
  joiner.link->up = {"node2"};
  CHECK(joiner.apply(peers_step(joiner.sources)).error().code == Errc::unreachable);
  record->url = "http://203.0.113.1";
  REQUIRE(write_join_record(joiner.fake.files, *record).ok());
  CHECK(joiner.apply(peers_step(joiner.sources)).ok());
}

TEST_CASE("when no member answers, the blocked direction is named") {
  Joiner joiner;
  joiner.link->up.clear();
  const auto ours = joiner.apply(peers_step(joiner.sources));
  REQUIRE_FALSE(ours.ok());
  CHECK(ours.error().code == Errc::unreachable);
  CHECK(ours.error().message.find("do not arrive there") != std::string::npos);
  CHECK(ours.error().hint.find("203.0.113.11:51820") != std::string::npos);

  joiner.cluster.grant.heard = orama::join::Heard{148, "203.0.113.99:51820", std::nullopt};
  const auto theirs = joiner.apply(peers_step(joiner.sources));
  CHECK(theirs.error().message.find("148 bytes") != std::string::npos);
  CHECK(theirs.error().message.find("theirs do not arrive here") != std::string::npos);
  joiner.cluster.grant.heard->rx_bytes = 0;
  CHECK(joiner.apply(peers_step(joiner.sources)).error().message.find("do not arrive there") !=
        std::string::npos);

  joiner.sources.join = nullptr;
  CHECK(joiner.apply(peers_step(joiner.sources)).error().message.find("could not be asked") !=
        std::string::npos);

  joiner.tunnel_to = JoiningCluster::base64_key('a', false);
  CHECK(joiner.apply(peers_step(joiner.sources)).error().message.find("the tunnel stands") !=
        std::string::npos);
  joiner.become_member();
  CHECK(joiner.apply(peers_step(joiner.sources)).ok());
}

TEST_CASE("exactly the shared secrets come over the link, once, 0600 root; own keys stay") {
  Joiner joiner;
  joiner.link->up = {"node2"};
  joiner.link->reply = [&](const std::string& path, const json& body) -> Result<LinkAnswer> {
    CHECK(path == "/v1/secrets");
    CHECK(body.at("roles").is_array());
    return LinkAnswer{200, sealed_for_joiner(joiner)};
  };
  const std::string own = joiner.fake.files.content(std::string(kSecrets) + "node.key");
  REQUIRE(joiner.apply(shared_secrets_step(joiner.spec, joiner.sources)).ok());
  CHECK(joiner.link->calls == std::vector<std::string>{"node1 /v1/secrets", "node2 /v1/secrets"});
  CHECK(joiner.fake.files.content(std::string(kSecrets) + "cluster-join.key") ==
        "of the cluster: cluster-join.key");
  CHECK(joiner.fake.files.content(std::string(kSecrets) + "agent-registry-password") == "ag\n");
  CHECK(joiner.fake.files.content(std::string(kSecrets) + "node.key") == own);
  CHECK_FALSE(joiner.fake.files.exists(std::string(kSecrets) + "jwt-signing.key"));
  CHECK(joiner.fake.files.status(std::string(kSecrets) + "olric-password").value()->mode == 0600);
  REQUIRE(joiner.apply(shared_secrets_step(joiner.spec, joiner.sources)).ok());
  CHECK(joiner.link->calls.size() == 2);
}

TEST_CASE("secrets that are not the table's, or for another key, are not taken") {
  Joiner joiner;
  json answer;
  joiner.link->reply = [&](const std::string&, const json&) -> Result<LinkAnswer> {
    return LinkAnswer{200, answer};
  };
  const auto apply = [&] { return joiner.apply(shared_secrets_step(joiner.spec, joiner.sources)); };
  answer = sealed_for_joiner(joiner, "../../etc/passwd");
  CHECK(apply().error().message.find("unknown") != std::string::npos);
  answer = sealed_for_joiner(joiner, "jwt-signing.key");
  CHECK_FALSE(apply().ok());
  answer = sealed_for_joiner(joiner, "", "olric-password");
  CHECK(apply().error().message.find("olric-password is missing") != std::string::npos);
  answer = {{"sealed", orama::crypto::to_base64(std::string(200, 'z'))}};
  CHECK_FALSE(apply().ok());
  for (const json& wrong : {json(), json::array(), json{{"sealed", 7}}, json{{"sealed", "!"}}}) {
    answer = wrong;
    CHECK_FALSE(apply().ok());
  }
  CHECK_FALSE(joiner.fake.files.exists(std::string(kSecrets) + "cluster-join.key"));
}

TEST_CASE("the registry is told whom to join until it runs, and a member's not any more") {
  Joiner joiner;
  joiner.fake.commands.add_unit(paths::kRqliteUnit);
  Changes changes = registry_step(joiner.spec).changes(joiner.fake.host).value();
  REQUIRE(changes.size() == 4);
  Change& join = *changes[1];
  CHECK_FALSE(join.converged(joiner.context).value());
  REQUIRE(join.apply(joiner.context).ok());
  CHECK(joiner.fake.files.content(paths::kRqliteJoinEnv) ==
        "ORAMA_JOIN=\"-raft-non-voter -join 10.0.0.1:7001,10.0.0.2:7001 -join-as join\"\n");
  CHECK(join.converged(joiner.context).value());
  REQUIRE(joiner.fake.files.remove_file(paths::kRqliteJoinEnv).ok());  // by the agent: it joined
  joiner.fake.files.put("/var/lib/orama/rqlite/raft.db", "x");
  CHECK_FALSE(join.converged(joiner.context).value());
  joiner.fake.files.put(std::string(kSecrets) + "agent-registry-password", "password");
  joiner.fake.commands.unit(paths::kRqliteUnit).active = "active";
  CHECK(join.converged(joiner.context).value());
  joiner.fake.commands.unit(paths::kRqliteUnit).active = "inactive";
  REQUIRE(remove_join_record(joiner.fake.files).ok());
  CHECK(join.converged(joiner.context).value());
  CHECK(registry_step(sample_spec()).changes(joiner.fake.host).value().size() == 3);
}

TEST_CASE("a registry that runs and was taken off the member list joins again, by a restart") {
  Joiner joiner;
  joiner.fake.commands.add_unit(paths::kRqliteUnit);
  joiner.fake.commands.unit(paths::kRqliteUnit).active = "active";
  joiner.fake.files.put("/var/lib/orama/rqlite/raft.db", "x");
  joiner.fake.files.put(std::string(kSecrets) + "agent-registry-password", "password");
  std::string members = R"({"node_1":{"voter":true},"node_9":{"voter":false}})";
  joiner.fake.http.on_request([&members](const HttpRequest& request) -> Result<HttpResponse> {
    CHECK(request.url.starts_with("http://10.0.0.1:5001/nodes"));  // not at its own registry
    return HttpResponse{200, {}, members};
  });
  Changes changes = registry_step(joiner.spec).changes(joiner.fake.host).value();
  Change& join = *changes[1];
  CHECK(join.converged(joiner.context).value());
  members = R"({"node_1":{"voter":true}})";
  CHECK_FALSE(join.converged(joiner.context).value());
  REQUIRE(join.apply(joiner.context).ok());
  CHECK(joiner.fake.files.exists(paths::kRqliteJoinEnv));
  CHECK(joiner.fake.commands.unit(paths::kRqliteUnit).restarts == 1);
}

TEST_CASE("a confirmation makes a member and forgets the answer; killed in between it ends well") {
  Joiner joiner;
  joiner.link->reply = [](const std::string& path, const json& body) -> Result<LinkAnswer> {
    CHECK(path == "/v1/confirm");
    CHECK(body.at("version").is_string());
    return LinkAnswer{200, {{"status", "ok"}}};
  };
  REQUIRE(joiner.apply(confirm_step(joiner.spec, joiner.sources)).ok());
  const auto node =
      orama::api::NodeFile::from_text(joiner.fake.files.content(paths::kNodeJson)).value();
  CHECK(node.member);
  CHECK_FALSE(node.founded);
  CHECK_FALSE(joiner.has_record());
  REQUIRE(joiner.apply(confirm_step(joiner.spec, joiner.sources)).ok());
  CHECK(joiner.link->calls.size() == 1);

  Joiner killed;
  killed.become_member();  // the note was written, the record still stands
  REQUIRE(killed.apply(confirm_step(killed.spec, killed.sources)).ok());
  CHECK_FALSE(killed.has_record());
  CHECK(killed.link->calls.empty());
}

TEST_CASE("a place that was released meanwhile is redeemed anew; other answers keep it") {
  Joiner joiner;
  int status = 500;
  joiner.link->reply = [&](const std::string&, const json&) -> Result<LinkAnswer> {
    return LinkAnswer{status, {{"code", "X"}, {"error", "words"}}};
  };
  CHECK_FALSE(joiner.apply(confirm_step(joiner.spec, joiner.sources)).ok());
  CHECK(joiner.has_record());
  status = 503;
  CHECK(joiner.apply(confirm_step(joiner.spec, joiner.sources)).error().code == Errc::unreachable);
  CHECK(joiner.has_record());
  status = 409;
  const auto released = joiner.apply(confirm_step(joiner.spec, joiner.sources));
  CHECK(released.error().code == Errc::conflict);
  CHECK(released.error().hint.find("whole join command again") != std::string::npos);
  CHECK_FALSE(joiner.has_record());

  Joiner swept;  // the members refuse its key
  swept.link->reply = [](const std::string&, const json&) -> Result<LinkAnswer> {
    return orama::make_error(Errc::not_allowed, "refused");
  };
  CHECK(swept.apply(shared_secrets_step(swept.spec, swept.sources)).error().code == Errc::conflict);
  CHECK_FALSE(swept.has_record());
}

TEST_CASE("an uninstall before the confirmation lets go of the place, and says by whom") {
  Joiner joiner;
  joiner.link->reply = [](const std::string& path, const json&) -> Result<LinkAnswer> {
    CHECK(path == "/v1/release");
    return LinkAnswer{200, {{"status", "ok"}}};
  };
  CHECK(release_redemption(joiner.fake.host, *joiner.link).value().find("has released") !=
        std::string::npos);
  joiner.link->up.clear();
  CHECK(release_redemption(joiner.fake.host, *joiner.link).value().find("sweep") !=
        std::string::npos);
  joiner.become_member();
  CHECK(release_redemption(joiner.fake.host, *joiner.link).value().empty());
}
