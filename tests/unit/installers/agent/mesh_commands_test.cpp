#include <string>
#include <vector>

#include "installers/agent/mesh_commands.h"
#include "installers/agent/mesh_device.h"
#include "tests/support/fake_host.h"

#include <doctest/doctest.h>

#include "tests/unit/installers/agent/fake_mesh_device.h"
#include "tests/unit/installers/agent/sample_mesh.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes

namespace {

struct Node {
  FakeHost fake;
  FakeIp ip{fake.commands};
  FakeMeshDevice device;

  Node() {
    fake.commands.add_unit("orama-agent.service");
    fake.commands.add_unit("orama-wireguard.service");
  }
};

}  // namespace

TEST_CASE("show gathers interface, device, units and the members' names") {
  Node node;
  node.fake.files.put("/var/lib/orama/agent/desired.json", sample_desired().to_json().dump());
  node.ip.address = "10.0.0.1/24";
  node.ip.up = true;
  REQUIRE(node.device.set_identity(sample_private_key(), 51820).ok());
  const auto view = read_mesh(node.fake.host, node.device);
  REQUIRE(view.ok());
  CHECK(view->interface.up);
  CHECK(view->interface.addresses == std::vector<std::string>{"10.0.0.1/24"});
  REQUIRE(view->device.has_value());
  CHECK(view->device->public_key == sample_identity().public_key);
  CHECK(view->members.size() == 2);
  CHECK(view->agent.name == "orama-agent.service");
  CHECK(view->wireguard.active == "inactive");
  CHECK(view->back_end == "wireguard-go");
  node.ip.kind = "wireguard";
  CHECK(read_mesh(node.fake.host, node.device)->back_end == "kernel");
}

TEST_CASE("show works for who may not read the device, and on a host without saved state") {
  Node node;
  node.device.set_gone(true);
  node.ip.present = false;
  const auto view = read_mesh(node.fake.host, node.device);
  REQUIRE(view.ok());
  CHECK_FALSE(view->device.has_value());
  CHECK(view->device_problem == "the device is gone");
  CHECK_FALSE(view->interface.present);
  CHECK(view->back_end == "none");
  CHECK(view->members.empty());
}

TEST_CASE("up starts both units and down stops both, the agent first") {
  Node node;
  REQUIRE(mesh_up(node.fake.host).ok());
  CHECK(node.fake.commands.unit("orama-agent.service").active == "active");
  CHECK(node.fake.commands.unit("orama-wireguard.service").active == "active");
  node.fake.commands.forget_calls();
  REQUIRE(mesh_down(node.fake.host).ok());
  CHECK(node.fake.commands.unit("orama-agent.service").active == "inactive");
  CHECK(node.fake.commands.unit("orama-wireguard.service").active == "inactive");
  REQUIRE(node.fake.commands.calls().size() == 2);
  CHECK(node.fake.commands.calls()[0].find("orama-agent.service") != std::string::npos);
}
