#include "installers/engines/prepare.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/engines/engine_node.h"
#include "installers/paths.h"
#include "installers/rqlite_engine.h"
#include "tests/support/fake_host.h"
#include "tests/support/source_file.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/installers/engines/sample_node.h"

namespace orama::tests {
namespace {

using installers::prepare_engine;
using nlohmann::json;
namespace paths = installers::paths;

constexpr const char* kSecret =
    "ababababababababababababababababababababababababababababababababab";

struct Engines {
  FakeHost fake;
  TemporaryFolder disk;
  installers::PrepareOptions options{"/cred", "/share", disk.path()};

  explicit Engines(const api::Desired& desired = engines_desired()) {
    put_engines_node(fake, desired);
    for (const char* engine : {"olric", "ipfs", "ipfs-cluster"}) {
      const std::string name = std::string("engines/") + engine + ".json";
      fake.files.put("/share/" + name, source_file("templates/" + name));
    }
    const auto credential = [this](const char* name, const std::string& text) {
      fake.files.put(std::string("/cred/") + name, text, {0400});
    };
    credential("databases.key", sample_seed('d'));
    credential("olric-password", "olric-pw\n");
    credential("ipfs.key", sample_seed('e'));
    credential("ipfs-swarm.key", "/key/swarm/psk/1.0.0/\n/base16/\nabcd\n");
    credential("ipfs-cluster.key", sample_seed('f'));
    credential("ipfs-cluster-secret", std::string(kSecret) + "\n");
    credential("ipfs-cluster-rest-password", "rest-pw\n");
    for (const char* folder :
         {paths::kDatabaseState, paths::kOlricState, paths::kIpfsState, paths::kIpfsClusterState}) {
      fake.files.put_directory(folder, {0700});
    }
  }

  Result<void> prepare(std::string_view engine) {
    return prepare_engine(fake.host, engine, options);
  }
  json written(const std::string& path) { return parse_json(fake.files.content(path)).value(); }
};

}  // namespace

TEST_CASE("the cache's configuration knows all members and not itself; three need a majority") {
  Engines engines;
  REQUIRE(engines.prepare("olric").ok());
  const std::string path = std::string(paths::kOlricState) + "/olric.yaml";
  const json config = engines.written(path);
  CHECK(config["server"]["bindAddr"] == "10.0.0.1");
  CHECK(config["server"]["memberCountQuorum"] == 2);
  CHECK(config["memberlist"]["peers"] == json{"10.0.0.2:3322", "10.0.0.3:3322"});
  CHECK(config["authentication"]["password"] == "olric-pw");
  const auto status = engines.fake.files.status(path).value();
  CHECK(status->mode == 0600);
  CHECK(status->owner == "orama-olric");
}

TEST_CASE("the quorum of the cache follows the ready members") {
  api::Desired desired = engines_desired();
  struct {
    std::size_t others;
    std::size_t quorum;
  } rows[] = {{0, 1}, {1, 1}, {2, 2}, {3, 3}, {4, 3}, {5, 4}};
  for (const auto& row : rows) {
    CAPTURE(row.others);
    desired.rqlite_join.assign(row.others, "10.0.0.2:7001");
    CHECK(installers::cache_quorum(desired) == row.quorum);
  }
  desired.rqlite_join.assign(2, "10.0.0.2:7001");
  desired.self.state = "redeemed";  // not counted before it is confirmed
  CHECK(installers::cache_quorum(desired) == 1);
  CHECK(installers::cache_quorum({}) == 1);
}

TEST_CASE(
    "Kubo's repository is complete, closed by the swarm key, and has a peering for each member") {
  Engines engines;
  REQUIRE(engines.prepare("ipfs").ok());
  const std::string folder = std::string(paths::kIpfsState) + "/";
  const json config = engines.written(folder + "config");
  CHECK(config["Identity"]["PeerID"] == sample_peer_id('e'));
  CHECK(config["Addresses"]["API"] == json{"/ip4/127.0.0.1/tcp/4501"});
  CHECK(config["Addresses"]["Swarm"] == json{"/ip4/10.0.0.1/tcp/4001"});
  CHECK(config["Bootstrap"] == json::array());
  CHECK(config["AutoConf"]["Enabled"] == false);
  REQUIRE(config["Peering"]["Peers"].size() == 2);
  CHECK(config["Peering"]["Peers"][0]["ID"] == sample_peer_id('i'));
  CHECK(config["Peering"]["Peers"][0]["Addrs"] == json{"/ip4/10.0.0.2/tcp/4001"});
  CHECK(engines.fake.files.content(folder + "swarm.key") ==
        "/key/swarm/psk/1.0.0/\n/base16/\nabcd\n");
  CHECK(engines.fake.files.content(folder + "version") == "18\n");
  for (const char* name : {"config", "swarm.key", "datastore_spec", "storage-max"}) {
    CHECK(engines.fake.files.status(folder + name).value()->mode == 0600);
  }
}

TEST_CASE("the storage's size is fixed at the first start and may be edited; nonsense is refused") {
  Engines engines;
  const std::string folder = std::string(paths::kIpfsState) + "/";
  REQUIRE(engines.prepare("ipfs").ok());
  const std::string first = engines.fake.files.content(folder + "storage-max");
  CHECK(std::stoll(first) > 0);
  REQUIRE(engines.prepare("ipfs").ok());
  CHECK(engines.fake.files.content(folder + "storage-max") == first);
  engines.fake.files.put(folder + "storage-max", "5000000000\n");
  REQUIRE(engines.prepare("ipfs").ok());
  CHECK(engines.written(folder + "config")["Datastore"]["StorageMax"] == "5000000000B");
  for (const char* bad : {"", "0", "-1", "10GB", "99999999999999999999"}) {
    CAPTURE(bad);
    engines.fake.files.put(folder + "storage-max", bad);
    const auto refused = engines.prepare("ipfs");
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find("storage-max") != std::string::npos);
  }
}

TEST_CASE("a repository that stands is left as it is, but for the address that a killed one left") {
  Engines engines;
  const std::string folder = std::string(paths::kIpfsState) + "/";
  engines.fake.files.put(folder + "version", "18\n");
  engines.fake.files.put(folder + "datastore_spec", "{\"type\":\"other\"}");
  engines.fake.files.put(folder + "api", "/ip4/127.0.0.1/tcp/1");
  REQUIRE(engines.prepare("ipfs").ok());
  CHECK(engines.fake.files.content(folder + "datastore_spec") == "{\"type\":\"other\"}");
  CHECK_FALSE(engines.fake.files.exists(folder + "api"));
}

TEST_CASE("IPFS Cluster gets its identity, the secret and the members' addresses") {
  Engines engines;
  REQUIRE(engines.prepare("ipfs-cluster").ok());
  const std::string folder = std::string(paths::kIpfsClusterState) + "/";
  const json config = engines.written(folder + "service.json");
  const std::string second = "/ip4/10.0.0.2/tcp/9096/p2p/" + sample_peer_id('k');
  const std::string third = "/ip4/10.0.0.3/tcp/9096/p2p/" + sample_peer_id('l');
  CHECK(config["cluster"]["secret"] == kSecret);
  CHECK(config["cluster"]["peername"] == "node1");
  CHECK(config["cluster"]["peer_addresses"] == json{second, third});
  CHECK(config["api"].size() == 1);  // no proxy, no pinning service
  CHECK(config["api"]["restapi"]["basic_auth_credentials"] == json{{"orama", "rest-pw"}});
  CHECK(config["consensus"]["crdt"]["trusted_peers"] == json{"*"});
  CHECK(engines.written(folder + "identity.json")["id"] == sample_peer_id('f'));
  CHECK(engines.fake.files.content(folder + "peerstore") == second + "\n" + third + "\n");
  CHECK(engines.fake.files.status(folder + "identity.json").value()->mode == 0600);
}

TEST_CASE("members that have not told an id are left out; before any is known there is none") {
  api::Desired desired = engines_desired();
  desired.ipfs_cluster_peers.erase(desired.peers[0].id);
  Engines engines(desired);
  REQUIRE(engines.prepare("ipfs-cluster").ok());
  const std::string path = std::string(paths::kIpfsClusterState) + "/service.json";
  CHECK(engines.written(path)["cluster"]["peer_addresses"].size() == 1);
  REQUIRE(engines.fake.files.remove_file(paths::kSavedDesired).ok());
  REQUIRE(engines.prepare("ipfs-cluster").ok());
  CHECK(engines.written(path)["cluster"]["peer_addresses"] == json::array());
}

TEST_CASE(
    "the nodes of a development cluster share the loopback address: each has an RPC of its own") {
  CHECK(installers::local_ip("127.0.1.3") == "127.0.1.3");
  CHECK(installers::local_ip("10.0.0.3") == "127.0.0.1");
}

TEST_CASE("the database is started on its data, or as a node that joins, with its users") {
  Engines engines;
  const auto refused = engines.prepare("database");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::conflict);
  engines.fake.files.put(std::string(paths::kDatabaseData) + "/raft.db", "log");
  REQUIRE(engines.prepare("database").ok());
  const json users = engines.written(paths::kDatabaseUsers);
  REQUIRE(users.size() == 3);
  engines.fake.files.put("/etc/orama/secrets/databases.key", sample_seed('d'), {0600});
  const auto password =
      installers::agent_password(engines.fake.files, installers::kDefaultDatabase);
  CHECK(users[1]["username"] == "agent");
  CHECK(users[1]["password"] == password.value().reveal());
}

TEST_CASE("what is missing is named, without a secret") {
  Engines engines;
  CHECK(engines.prepare("mysql").error().code == Errc::not_found);
  for (const std::string_view engine : installers::prepared_engines()) {
    CAPTURE(engine);
    Engines bare;
    bare.options.credentials = "/nowhere";
    bare.fake.files.put(std::string(paths::kDatabaseData) + "/raft.db", "log");
    const auto refused = bare.prepare(engine);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().full_message().find("/nowhere") != std::string::npos);
  }
  engines.fake.files.put("/cred/ipfs.key", "c2VjcmV0\n");
  const auto short_key = engines.prepare("ipfs");
  REQUIRE_FALSE(short_key.ok());
  CHECK(short_key.error().full_message().find("c2VjcmV0") == std::string::npos);
}

TEST_CASE("a configuration is the same for the same facts") {
  Engines engines;
  for (const char* engine : {"olric", "ipfs", "ipfs-cluster"}) {
    REQUIRE(engines.prepare(engine).ok());
  }
  const std::string before = engines.fake.files.content(std::string(paths::kIpfsState) + "/config");
  REQUIRE(engines.prepare("ipfs").ok());
  CHECK(engines.fake.files.content(std::string(paths::kIpfsState) + "/config") == before);
}

}  // namespace orama::tests
