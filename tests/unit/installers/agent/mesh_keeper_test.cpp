#include "installers/agent/mesh_keeper.h"

#include <doctest/doctest.h>

#include "common/api/desired.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"
#include "installers/paths.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/agent/fake_mesh_device.h"
#include "tests/unit/installers/agent/sample_mesh.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes
using orama::Errc;

namespace {

constexpr const char* kSaved = "/var/lib/orama/agent/desired.json";

struct Node {
  FakeHost fake;
  FakeIp ip{fake.commands};
  FakeMeshDevice device;
  unsigned index = 4;
  MeshKeeper keeper{
      fake.host,       device, [this] { return index; }, sample_identity(), sample_private_key(),
      sample_desired()};

  Node() { fake.files.put_directory("/var/lib/orama/agent"); }

  // What systemd and wireguard-go do after a kill.
  void restart_wireguard() {
    ++index;
    device.restart();
    ip.restart();
  }
};

}  // namespace

TEST_CASE("the first look sets key, port, members, address and MTU") {
  Node node;
  const auto kept = node.keeper.keep();
  REQUIRE(kept.ok());
  CHECK(*kept);
  CHECK(node.device.state().public_key == sample_identity().public_key);
  CHECK(node.device.state().listen_port == 51820);
  CHECK(node.device.state().peers.size() == 2);
  CHECK(node.ip.address == "10.0.0.1/24");
  CHECK(node.ip.mtu == 1420);
}

TEST_CASE("while the interface is the same nothing is run, as the agent looks ten times a second") {
  Node node;
  REQUIRE(node.keeper.keep().ok());
  node.fake.commands.forget_calls();
  CHECK_FALSE(node.keeper.keep().value());
  CHECK(node.fake.commands.calls().empty());
}

TEST_CASE("a new wireguard-go gets everything again") {
  Node node;
  REQUIRE(node.keeper.keep().ok());
  node.restart_wireguard();
  node.fake.commands.forget_calls();
  CHECK(node.keeper.keep().value());
  CHECK(node.device.state().public_key == sample_identity().public_key);
  CHECK(node.device.state().peers.size() == 2);
  CHECK(node.ip.address == "10.0.0.1/24");
  CHECK(node.fake.commands.calls().size() == 3);  // look, address, link: traffic waits
}

TEST_CASE("no interface is an error until it is there, also when only its control socket is late") {
  Node node;
  node.index = 0;
  REQUIRE_FALSE(node.keeper.keep().ok());
  CHECK(node.keeper.keep().error().code == Errc::unreachable);
  node.index = 5;
  node.device.set_gone(true);
  CHECK_FALSE(node.keeper.keep().ok());
  node.device.set_gone(false);
  CHECK(node.keeper.keep().value());
  CHECK(node.ip.address == "10.0.0.1/24");
}

TEST_CASE("converge puts back what a hand took away and follows the uplink's MTU") {
  Node node;
  REQUIRE(node.keeper.keep().ok());
  node.ip.address.clear();
  node.ip.uplink_mtu = 1400;
  CHECK(node.keeper.converge().value());
  CHECK(node.ip.address == "10.0.0.1/24");
  CHECK(node.ip.mtu == 1320);
  CHECK_FALSE(node.keeper.converge().value());
}

TEST_CASE("a path MTU that is saved is set within one look, and by every new agent") {
  Node node;
  REQUIRE(node.keeper.keep().ok());
  node.fake.files.put(paths::kPathMtu, R"({"mesh_mtu":1220})");
  CHECK(node.keeper.keep().value());
  CHECK(node.ip.mtu == 1220);
  CHECK_FALSE(node.keeper.keep().value());
  node.restart_wireguard();
  CHECK(node.keeper.keep().value());
  CHECK(node.ip.mtu == 1220);
  node.fake.files.put(paths::kPathMtu, "torn");
  CHECK(node.keeper.keep().value());
  CHECK(node.ip.mtu == 1200);
  node.fake.files.put(paths::kPathMtu, R"({"mesh_mtu":9000})");
  CHECK(node.keeper.keep().value());
  CHECK(node.ip.mtu == 1420);
  REQUIRE(node.fake.files.remove_file(paths::kPathMtu).ok());
  node.ip.uplink_mtu = 1400;
  CHECK(node.keeper.converge().value());
  CHECK(node.ip.mtu == 1320);
}

TEST_CASE("a new desired state is applied and saved") {
  Node node;
  REQUIRE(node.keeper.keep().ok());
  orama::api::Desired next = sample_desired();
  next.version = 8;
  next.peers.push_back(sample_peer(4));
  REQUIRE(node.keeper.take_over(next, kSaved).ok());
  CHECK(node.device.state().peers.size() == 3);
  CHECK(node.keeper.applied().version == 8);
  const auto saved = orama::parse_json(node.fake.files.content(kSaved));
  REQUIRE(saved.ok());
  CHECK(orama::api::Desired::from_json(*saved)->peers.size() == 3);
}

TEST_CASE("a refused state changes neither device nor disk") {
  Node node;
  REQUIRE(node.keeper.keep().ok());
  const auto applied = node.device.applied.size();
  orama::api::Desired lie = sample_desired();
  lie.version = 9;
  lie.peers[0].mesh_ip = "10.0.0.1";
  CHECK(node.keeper.take_over(lie, kSaved).error().code == Errc::not_allowed);
  CHECK(node.device.applied.size() == applied);
  CHECK_FALSE(node.fake.files.exists(kSaved));
  CHECK(node.keeper.applied().version == 7);
}

TEST_CASE("a state that comes while wireguard-go is away is set when it is back") {
  Node node;
  REQUIRE(node.keeper.keep().ok());
  node.restart_wireguard();
  node.device.set_gone(true);
  orama::api::Desired next = sample_desired();
  next.peers.push_back(sample_peer(4));
  CHECK_FALSE(node.keeper.take_over(next, kSaved).ok());
  node.device.set_gone(false);
  CHECK(node.keeper.keep().value());
  CHECK(node.device.state().peers.size() == 3);
}

TEST_CASE("when the state cannot be saved the old one stands") {
  Node node;
  REQUIRE(node.keeper.keep().ok());
  node.fake.files.fail_writes(kSaved, orama::make_error(Errc::failed, "no space left on device"));
  orama::api::Desired next = sample_desired();
  next.peers.push_back(sample_peer(4));
  CHECK_FALSE(node.keeper.take_over(next, kSaved).ok());
  CHECK(node.device.state().peers.size() == 2);
}
