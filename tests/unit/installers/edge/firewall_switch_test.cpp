#include "installers/steps/firewall_switch.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"
#include "installers/paths.h"
#include "tests/unit/installers/edge/fake_ufw.h"

namespace orama::tests {
namespace {

using installers::arm_firewall_switch;
using installers::disarm_firewall_switch;
using installers::revert_firewall;
namespace paths = installers::paths;

const std::string kWeb = "allow tcp 80,443 0.0.0.0/0 any 0.0.0.0/0 in comment=6f72616d61";
const std::string kSsh = "allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in comment=6f72616d61";
const std::string kTheirs = "allow tcp 8080 0.0.0.0/0 any 0.0.0.0/0 in";

TEST_CASE("arming writes what was and starts the 90 s; disarming ends both") {
  FakeUfwHost host;
  REQUIRE(arm_firewall_switch(host.host).ok());
  CHECK(host.commands.unit(paths::kFirewallRevertTimer).active == "active");
  CHECK(host.files.content(paths::kFirewallPending).find("\"ufw_was_active\": false") !=
        std::string::npos);
  CHECK(host.files.status(paths::kFirewallPending).value()->mode == 0600);
  REQUIRE(disarm_firewall_switch(host.host).ok());
  CHECK_FALSE(host.files.exists(paths::kFirewallPending));
  CHECK(host.commands.unit(paths::kFirewallRevertTimer).active == "inactive");
}

TEST_CASE("a second arming starts the time anew and keeps what was before the first") {
  FakeUfwHost host;
  REQUIRE(arm_firewall_switch(host.host).ok());
  host.active = true;
  const std::string before = host.files.content(paths::kFirewallPending);
  REQUIRE(arm_firewall_switch(host.host).ok());
  CHECK(host.files.content(paths::kFirewallPending) == before);
  CHECK(host.commands.unit(paths::kFirewallRevertTimer).restarts == 2);
}

TEST_CASE("UFW was off: it is off again") {
  FakeUfwHost host;
  REQUIRE(arm_firewall_switch(host.host).ok());
  host.active = true;
  REQUIRE(revert_firewall(host.host).ok());
  CHECK_FALSE(host.active);
  CHECK_FALSE(host.files.exists(paths::kFirewallPending));
}

TEST_CASE("UFW was on: what orama added since is deleted, the rest and UFW stay") {
  FakeUfwHost host;
  host.active = true;
  host.add_v4(kTheirs);
  host.add_v4(kSsh);  // of an earlier, proven install
  REQUIRE(arm_firewall_switch(host.host).ok());
  host.add_v4(kWeb);
  host.add_v6("allow tcp 80,443 ::/0 any ::/0 in comment=6f72616d61");
  REQUIRE(revert_firewall(host.host).ok());
  CHECK(host.active);
  CHECK(host.v4() == std::vector<std::string>{kTheirs, kSsh});
  CHECK(host.v6().empty());
}

TEST_CASE("nothing pending: nothing is touched") {
  FakeUfwHost host;
  host.active = true;
  host.add_v4(kWeb);
  REQUIRE(revert_firewall(host.host).ok());
  CHECK(host.active);
  CHECK(host.v4().size() == 1);
  CHECK(host.commands.calls().empty());
}

TEST_CASE("a pending file that cannot be read counts as UFW off: the host must be reachable") {
  for (const char* text : {"", "{", "[]", "{\"ufw_was_active\": 1}", "null"}) {
    CAPTURE(text);
    FakeUfwHost host;
    host.active = true;
    host.files.put(paths::kFirewallPending, text);
    REQUIRE(revert_firewall(host.host).ok());
    CHECK_FALSE(host.active);
    CHECK_FALSE(host.files.exists(paths::kFirewallPending));
  }
}

TEST_CASE("ufw fails: the pending file stays, so that the unit tries again") {
  FakeUfwHost host;
  REQUIRE(arm_firewall_switch(host.host).ok());
  host.commands.on("ufw --force disable", "", 1, "ERROR: problem running iptables");
  const auto reverted = revert_firewall(host.host);
  REQUIRE_FALSE(reverted.ok());
  CHECK(reverted.error().message.find("problem running iptables") != std::string::npos);
  CHECK(host.files.exists(paths::kFirewallPending));
}

TEST_CASE("disarming a switch that has fired is a conflict") {
  FakeUfwHost host;
  REQUIRE(arm_firewall_switch(host.host).ok());
  REQUIRE(revert_firewall(host.host).ok());
  const auto disarmed = disarm_firewall_switch(host.host);
  REQUIRE_FALSE(disarmed.ok());
  CHECK(disarmed.error().code == Errc::conflict);
}

}  // namespace
}  // namespace orama::tests
