#include "gateway/cluster/desired_board.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <boost/asio/io_context.hpp>

#include "common/api/cluster.h"
#include "common/api/desired.h"
#include "common/atomic_file.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "gateway/cluster/membership.h"
#include "tests/support/run_awaitable.h"
#include "tests/support/temporary_folder.h"

namespace orama::gateway::cluster {
namespace {

using namespace std::chrono_literals;
using tests::run;

NodeRow row(const std::string& id, const std::string& ip, const std::string& state) {
  NodeRow node;
  node.id = id;
  node.name = id;
  node.mesh_ip = ip;
  node.wg_public_key = "key of " + id;
  node.endpoints = {"203.0.113.1:51820"};
  node.state = state;
  node.voter = id == "a";
  return node;
}

MembershipState five_nodes() {
  MembershipState state;
  api::ClusterInfo cluster;
  cluster.id = "cluster_a";
  cluster.mesh_cidr = *mesh::Cidr::parse("10.0.0.0/24");
  state.cluster = cluster;
  state.version = 7;
  state.nodes = {row("a", "10.0.0.1", "ready"), row("b", "10.0.0.2", "ready"),
                 row("c", "10.0.0.3", "redeemed"), row("d", "10.0.0.4", "removed"),
                 row("e", "10.0.0.5", "released")};
  return state;
}

api::Desired version(std::int64_t number) {
  MembershipState state = five_nodes();
  state.version = number;
  return *derive_desired(state, "a");
}

TEST_CASE(
    "desired state of one node: the others are peers, the removed and the released are named") {
  const auto desired = derive_desired(five_nodes(), "a");
  REQUIRE(desired);
  CHECK(desired->version == 7);
  CHECK(desired->mesh_cidr == "10.0.0.0/24");
  CHECK(desired->self.id == "a");
  CHECK(desired->self.voter);
  REQUIRE(desired->peers.size() == 2);
  CHECK(desired->peers[0].id == "b");
  CHECK(desired->peers[1].id == "c");
  REQUIRE(desired->removed.size() == 2);
  CHECK(desired->removed[0].id == "d");
  CHECK(desired->removed[0].wg_public_key == "key of d");
  CHECK(desired->removed[1].id == "e");
  CHECK(desired->rqlite_join == std::vector<std::string>{"10.0.0.2:7001"});
}

TEST_CASE("a membership without this node, or without a cluster, wants nothing") {
  CHECK(!derive_desired(five_nodes(), "z"));
  MembershipState state = five_nodes();
  state.cluster.reset();
  CHECK(!derive_desired(state, "a"));
  CHECK(!derive_desired(MembershipState(), "a"));
}

TEST_CASE("who waits gets a newer version at once, or nothing when the time is over") {
  const tests::TemporaryFolder folder;
  asio::io_context context;
  DesiredBoard board(folder.file("desired.json"), Log::discard());
  CHECK(!run(context, board.wait_above(0, 5ms)));
  REQUIRE(board.publish(version(3)));
  CHECK(run(context, board.wait_above(0, 1h))->version == 3);
  CHECK(run(context, board.wait_above(2, 1h))->version == 3);
  CHECK(!run(context, board.wait_above(3, 5ms)));
  CHECK(!run(context, board.wait_above(99, 5ms)));
}

TEST_CASE("a publication wakes those who wait, on their own threads") {
  const tests::TemporaryFolder folder;
  DesiredBoard board(folder.file("desired.json"), Log::discard());
  REQUIRE(board.publish(version(1)));
  std::vector<std::int64_t> seen(3, 0);
  std::vector<std::thread> agents;
  agents.reserve(seen.size());
  for (std::int64_t& mine : seen) {
    agents.emplace_back([&board, &mine] {
      asio::io_context context;
      const auto desired = run(context, board.wait_above(1, 1h));
      mine = desired ? desired->version : -1;
    });
  }
  REQUIRE(board.publish(version(2)));
  for (std::thread& agent : agents) {
    agent.join();
  }
  CHECK(seen == std::vector<std::int64_t>{2, 2, 2});
}

TEST_CASE("the end of the process ends all waiting") {
  const tests::TemporaryFolder folder;
  DesiredBoard board(folder.file("desired.json"), Log::discard());
  std::thread agent([&board] {
    asio::io_context context;
    CHECK(!run(context, board.wait_above(0, 1h)));
  });
  board.close();
  agent.join();
  asio::io_context context;
  CHECK(!run(context, board.wait_above(0, 1h)));
}

TEST_CASE("the same again is no publication") {
  const tests::TemporaryFolder folder;
  DesiredBoard board(folder.file("desired.json"), Log::discard());
  CHECK(board.publish(version(1)));
  CHECK(!board.publish(version(1)));
  CHECK(board.publish(version(2)));
}

TEST_CASE("a start without registry begins with the saved copy") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("desired.json");
  {
    DesiredBoard board(path, Log::discard());
    REQUIRE(board.save().ok());  // nothing to save: no file
    CHECK(!std::filesystem::exists(path));
    REQUIRE(board.publish(version(5)));
    REQUIRE(board.save().ok());
    struct stat status{};
    REQUIRE(stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0640);
  }
  const DesiredBoard later(path, Log::discard());
  REQUIRE(later.current());
  CHECK(later.current()->to_json() == version(5).to_json());

  for (const std::string_view damaged : {"", "{", "{}", R"({"version":-1})"}) {
    REQUIRE(write_file_atomically(path, damaged).ok());
    CHECK(!DesiredBoard(path, Log::discard()).current());
  }
}

}  // namespace
}  // namespace orama::gateway::cluster
