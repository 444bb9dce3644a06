#include "installers/host/systemd.h"

#include <string>

#include <doctest/doctest.h>

#include "common/result.h"
#include "tests/support/fake_host.h"

namespace orama::tests {
namespace {

// Printed by systemctl 252 on Debian 12 for a running, a missing and a disabled unit.
constexpr const char* kShow =
    "MainPID=391\nResult=success\nLoadState=loaded\nActiveState=active\nSubState=running\n"
    "UnitFileState=enabled\nStateChangeTimestamp=@1795541239\n\n"
    "MainPID=0\nResult=success\nLoadState=not-found\nActiveState=inactive\nSubState=dead\n"
    "UnitFileState=\nStateChangeTimestamp=\n\n"
    "MainPID=0\nResult=exit-code\nLoadState=loaded\nActiveState=failed\nSubState=failed\n"
    "UnitFileState=disabled\nStateChangeTimestamp=@1795541240\n";

TEST_CASE("many units are described by one systemctl") {
  FakeHost host;
  host.commands.on("systemctl show", kShow);
  const auto states = host.systemd.states({"caddy.service", "nope.service", "app.service"});
  REQUIRE(states.ok());
  CHECK(host.commands.calls().size() == 1);
  CHECK(host.commands.calls().front().ends_with("-- caddy.service nope.service app.service"));
  REQUIRE(states->size() == 3);
  CHECK(states->at(0).name == "caddy.service");
  CHECK(states->at(0).main_pid == 391);
  CHECK(states->at(0).is_active());
  CHECK(states->at(0).is_enabled());
  CHECK(states->at(0).sub == "running");
  CHECK(states->at(0).since == "2026-11-24T17:27:19.000Z");
  CHECK(states->at(1).load == "not-found");
  CHECK(states->at(1).enabled.empty());
  CHECK(states->at(1).since.empty());
  CHECK_FALSE(states->at(1).is_active());
  CHECK(states->at(2).result == "exit-code");
  CHECK_FALSE(states->at(2).is_enabled());
}

TEST_CASE("an answer with another number of units is an error, not a mix-up") {
  FakeHost host;
  host.commands.on("systemctl show", kShow);
  const auto states = host.systemd.states({"caddy.service"});
  REQUIRE_FALSE(states.ok());
  CHECK(states.error().message == "systemctl described 3 units where 1 were asked for");
}

TEST_CASE("a start that fails brings the unit's last log lines") {
  FakeHost host;
  FakeUnit broken;
  broken.fails_to_start = true;
  host.commands.add_unit("app.service", broken);
  host.commands.on("journalctl --no-pager -o cat -n 12 -u app.service",
                   "cannot open the database\n");
  for (const auto& failed : {host.systemd.start("app.service"), host.systemd.restart("app.service"),
                             host.systemd.reload("app.service")}) {
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.error().message.find("Job for app.service failed") != std::string::npos);
    CHECK(failed.error().message.find("cannot open the database") != std::string::npos);
    CHECK(failed.error().hint == "Look at `journalctl -u app.service`.");
  }
  CHECK(host.systemd.start("none.service").error().message.find("not found") != std::string::npos);
}

TEST_CASE("a machine without systemd says so") {
  FakeHost host;
  host.commands.on("systemctl", "", 1,
                   "System has not been booted with systemd as init system (PID 1).");
  CHECK(host.systemd.state("a.service").error().message.find("not been booted with systemd") !=
        std::string::npos);
}

}  // namespace
}  // namespace orama::tests
