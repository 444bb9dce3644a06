#include "installers/dev/dev_commands.h"
#include "installers/change.h"

#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"
#include "installers/dev/dev_plan.h"
#include "installers/dev/node_root.h"
#include "installers/host/command_runner.h"
#include "installers/host/mesh_interface.h"
#include "installers/paths.h"
#include "installers/steps/node_file_change.h"
#include "tests/support/fake_host.h"

namespace orama::installers {
namespace {

struct Node {
  tests::FakeHost fake;
  NodeRoot root{"/dev/node2", {"/src/build/cli/orama", {"/usr/bin"}, "/src", "/src/systemd"}};
  DevCommands commands{fake.commands, fake.files, root};
};

}  // namespace

TEST_CASE("the mesh interface of a development node is up at its address, and nothing is set") {
  Node node;
  CHECK_FALSE(read_mesh_interface(node.commands, "orama0")->present);  // no node yet
  auto spec = dev_node_spec(2);
  REQUIRE(spec.ok());
  spec->node_id = "node_a";
  spec->cluster_id = "cluster_a";
  node.fake.files.put_directory(paths::kAgentState);
  std::set<std::string> stale;
  ChangeContext context{node.fake.host, stale};
  REQUIRE(node_identity(*spec)->apply(context).ok());
  const auto state = read_mesh_interface(node.commands, paths::kMeshInterface);
  REQUIRE(state.ok());
  CHECK(state->up);
  CHECK(state->addresses == std::vector<std::string>{"127.0.1.2/24"});
  const auto mtu = mesh_mtu(node.commands);
  REQUIRE(mtu.ok());
  const auto changed =
      apply_mesh_interface(node.commands, paths::kMeshInterface, {spec->mesh_ip, 24, *mtu});
  REQUIRE(changed.ok());
  CHECK_FALSE(*changed);
  CHECK(node.fake.commands.calls().empty());
}

TEST_CASE("users exist, packages do not, and the host is left alone") {
  Node node;
  CHECK(node.commands.run(Command({"getent", "passwd", "orama"}))->ok());
  CHECK_FALSE(node.commands.run(Command({"dpkg-query", "--show"}))->ok());
  for (const char* program : {"ufw", "systemctl", "iptables", "systemd-sysusers", "userdel"}) {
    const auto refused = node.commands.run(Command({program, "x"}));
    REQUIRE_FALSE_MESSAGE(refused.ok(), program);
    CHECK(refused.error().code == Errc::not_found);
  }
  CHECK(node.fake.commands.calls().empty());
}

TEST_CASE("the node's own programs are run as this build has them") {
  Node node;
  node.fake.commands.on("/src/build/cli/orama", "out");
  const auto ran = node.commands.run(Command({"/usr/bin/orama", "agent", "/etc/orama/x"}));
  REQUIRE(ran.ok());
  CHECK(ran->out == "out");
  CHECK(node.fake.commands.calls().front() == "/src/build/cli/orama agent /dev/node2/etc/orama/x");
}

}  // namespace orama::installers
