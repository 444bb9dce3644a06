#include "gateway/cluster/membership.h"

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/backends/sqlite_registry.h"
#include "gateway/cluster/cluster_create.h"
#include "tests/support/failing_registry.h"
#include "tests/support/run_awaitable.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/gateway/cluster/founding_request.h"

namespace orama::gateway::cluster {
namespace {

using namespace std::chrono_literals;
using backends::Statement;
using tests::run;

struct Followed {
  tests::TemporaryFolder folder;
  asio::io_context context;
  SystemClock clock;
  backends::SqliteRegistry sqlite{folder.file("r.sqlite"), "node_a"};
  tests::FailingRegistry registry{sqlite};
  Membership membership{context, registry, clock, Log::discard(), {5ms}};
  int changes = 0;

  Followed() {
    membership.on_change([this] { ++changes; });
    membership.start();
  }
  // Runs the loop until the condition holds; false after a long time.
  bool wait(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < until) {
      context.restart();
      context.run_one_for(20ms);
    }
    return condition();
  }
  bool wait_touch(bool in_touch) {
    return wait([this, in_touch] { return membership.touch()->in_touch == in_touch; });
  }
  void write(std::string sql) {
    std::vector<Statement> statements;
    statements.emplace_back(std::move(sql));
    REQUIRE(run(context, sqlite.execute(std::move(statements))).ok());
  }
  void found() {
    REQUIRE(run(context, create_cluster(&sqlite, tests::founding_request(), WallTime())).ok());
  }
};

TEST_CASE("an empty registry is migrated, and a founding is noticed") {
  Followed f;
  CHECK(!f.membership.touch()->in_touch);
  REQUIRE(f.wait_touch(true));
  CHECK(f.membership.touch()->migrated);
  CHECK(!f.membership.state()->cluster);
  f.found();
  REQUIRE(f.wait([&f] { return f.membership.state()->cluster.has_value(); }));
  CHECK(f.membership.state()->nodes.size() == 1);
  CHECK(f.membership.state()->version == 1);
}

TEST_CASE("every change in the list is followed, and nothing else loads anew") {
  Followed f;
  REQUIRE(f.wait_touch(true));
  f.found();
  REQUIRE(f.wait([&f] { return f.membership.state()->last_seq == 2; }));
  const int before = f.changes;
  f.write("UPDATE nodes SET name = 'renamed'");
  f.write("INSERT INTO changes (at, kind, id) VALUES (1, 'node', 'node_a')");
  REQUIRE(f.wait([&f] { return f.membership.state()->last_seq == 3; }));
  CHECK(f.membership.state()->nodes.at(0).name == "renamed");
  CHECK(f.changes == before + 1);
}

TEST_CASE("an error is out of touch, never no change; what was known stays") {
  for (const Errc code : {Errc::unreachable, Errc::timeout, Errc::quorum_refused}) {
    Followed f;
    REQUIRE(f.wait_touch(true));
    f.found();
    REQUIRE(f.wait([&f] { return f.membership.state()->cluster.has_value(); }));
    f.registry.go(code);
    REQUIRE(f.wait_touch(false));
    CHECK(f.membership.touch()->trouble.find("the test took it away") != std::string::npos);
    CHECK(f.membership.state()->cluster.has_value());
    const auto age = f.membership.staleness();
    std::this_thread::sleep_for(2ms);
    CHECK(f.membership.staleness() > age);
    f.registry.come_back();
    REQUIRE(f.wait_touch(true));
    CHECK(f.membership.touch()->trouble.empty());
  }
}

TEST_CASE("a list that is behind what is known is read anew, linearizable") {
  Followed f;
  REQUIRE(f.wait_touch(true));
  f.found();
  REQUIRE(f.wait([&f] { return f.membership.state()->last_seq == 2; }));
  const int before = f.registry.linearizable_reads();
  f.write("DELETE FROM changes WHERE seq = 2");  // as if an older copy had been put back
  REQUIRE(f.wait([&f] { return f.membership.state()->last_seq == 1; }));
  CHECK(f.registry.linearizable_reads() == before + 1);
}

TEST_CASE("a list that was cut off before our place is read anew") {
  Followed f;
  REQUIRE(f.wait_touch(true));
  f.found();
  REQUIRE(f.wait([&f] { return f.membership.state()->last_seq == 2; }));
  f.registry.go(Errc::unreachable);
  REQUIRE(f.wait_touch(false));
  f.write("UPDATE nodes SET name = 'renamed'");
  f.write("INSERT INTO changes (seq, at, kind, id) VALUES (9, 1, 'node', 'node_a')");
  f.write("DELETE FROM changes WHERE seq < 9");
  f.registry.come_back();
  REQUIRE(f.wait([&f] { return f.membership.state()->last_seq == 9; }));
  CHECK(f.membership.state()->nodes.at(0).name == "renamed");
}

TEST_CASE("a registry that lost its tables is migrated again and holds no cluster") {
  Followed f;
  REQUIRE(f.wait_touch(true));
  f.found();
  REQUIRE(f.wait([&f] { return f.membership.state()->cluster.has_value(); }));
  for (const char* table :
       {"migrations", "cluster", "nodes", "changes", "membership_version", "invites", "locks",
        "join_key", "join_key_copies", "secret_rotations"}) {
    f.write(std::string("DROP TABLE ") + table);
  }
  REQUIRE(
      f.wait([&f] { return !f.membership.state()->cluster && f.membership.touch()->in_touch; }));
}

TEST_CASE("a poke looks at once") {
  Followed f;
  REQUIRE(f.wait_touch(true));
  Membership slow(f.context, f.registry, f.clock, Log::discard(), {1h});
  slow.start();
  REQUIRE(f.wait([&slow] { return slow.touch()->in_touch; }));
  f.found();
  slow.poke();
  REQUIRE(f.wait([&slow] { return slow.state()->cluster.has_value(); }));
}

}  // namespace
}  // namespace orama::gateway::cluster
