#include "installers/steps/firewall_changes.h"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/steps/firewall.h"
#include "installers/steps/firewall_ufw.h"
#include "tests/unit/installers/edge/fake_ufw.h"
#include "tests/unit/installers/edge/sample_node.h"

namespace orama::tests {
namespace {

using installers::Change;
using installers::ChangeContext;
using installers::Changes;
using installers::RevertContext;
using installers::Reverted;
using installers::WantedRule;
namespace paths = installers::paths;
using Lines = std::vector<std::string>;

const WantedRule kWeb{"tcp", "80,443", ""};
const std::string kWebTuple = "allow tcp 80,443 0.0.0.0/0 any 0.0.0.0/0 in";
const std::string kOurWebTuple = kWebTuple + " comment=6f72616d61";

struct Bench {
  FakeUfwHost host;
  std::set<std::string> stale;
  ChangeContext context{host.host, stale};
  RevertContext revert{host.host};

  std::unique_ptr<Change> enabled(std::string banner) {
    return installers::ufw_enabled(*mesh::IpAddress::parse("203.0.113.11"),
                                   std::make_unique<FakeBanner>(std::move(banner)));
  }
};

TEST_CASE("a rule is added once, tagged, and is then converged") {
  Bench bench;
  const auto change = installers::ufw_rule(kWeb);
  CHECK_FALSE(*change->converged(bench.context));
  CHECK(*change->describe(bench.context) == "ufw allow 80,443/tcp comment 'orama'");
  REQUIRE(change->apply(bench.context).ok());
  CHECK(*change->converged(bench.context));
  CHECK(bench.host.v4() == Lines{kOurWebTuple});
  CHECK_FALSE(
      bench.host.files.exists(paths::kFirewallPending));  // UFW is off: nothing can be cut yet
}

TEST_CASE("IPV6=yes came later: the rule is completed") {
  Bench bench;
  const auto change = installers::ufw_rule(kWeb);
  bench.host.set_ipv6("no");
  REQUIRE(change->apply(bench.context).ok());
  CHECK(*change->converged(bench.context));
  bench.host.set_ipv6("yes");
  CHECK_FALSE(*change->converged(bench.context));
  REQUIRE(change->apply(bench.context).ok());
  CHECK(bench.host.v6().size() == 1);
  CHECK(bench.host.v4().size() == 1);
}

TEST_CASE("with UFW on, the switch is armed before the rule comes") {
  Bench bench;
  bench.host.active = true;
  const auto change = installers::ufw_rule(kWeb);
  REQUIRE(change->apply(bench.context).ok());
  CHECK(bench.host.files.content(paths::kFirewallPending).find("\"our_rules\": []") !=
        std::string::npos);
  CHECK(bench.host.commands.unit(paths::kFirewallRevertTimer).active == "active");
}

TEST_CASE("an operator's equal rule is converged, and never deleted") {
  Bench bench;
  bench.host.add_v4(kWebTuple);
  const auto change = installers::ufw_rule(kWeb);
  CHECK(*change->converged(bench.context));
  const auto reverted = installers::revert_ufw_rule(bench.revert, change->target(),
                                                    {{"present", false}}, change->wanted());
  REQUIRE(reverted.ok());
  CHECK(reverted->outcome == Reverted::Outcome::left);
  CHECK(bench.host.v4() == Lines{kWebTuple});
}

TEST_CASE("an operator's rule that forbids it is named, and not replaced") {
  Bench bench;
  bench.host.add_v4("deny tcp 80,443 0.0.0.0/0 any 0.0.0.0/0 in");
  const auto converged = installers::ufw_rule(kWeb)->converged(bench.context);
  REQUIRE_FALSE(converged.ok());
  CHECK(converged.error().code == Errc::conflict);
  CHECK(converged.error().message.find("deny to any port 80,443 proto tcp") != std::string::npos);
}

TEST_CASE("uninstall deletes our rule, and is content when it is gone already") {
  Bench bench;
  const auto change = installers::ufw_rule(kWeb);
  REQUIRE(change->apply(bench.context).ok());
  for (int times = 0; times < 2; ++times) {
    const auto reverted = installers::revert_ufw_rule(bench.revert, change->target(),
                                                      {{"present", false}}, change->wanted());
    REQUIRE(reverted.ok());
    CHECK(reverted->outcome == Reverted::Outcome::restored);
    CHECK(bench.host.v4().empty());
    CHECK(bench.host.v6().empty());
  }
}

TEST_CASE("UFW is enabled, proven and the switch disarmed") {
  Bench bench;
  REQUIRE(installers::ufw_rule({"tcp", "22", ""})->apply(bench.context).ok());
  bool armed_first = false;
  bench.host.on_enable = [&] { armed_first = bench.host.files.exists(paths::kFirewallPending); };
  const auto change = bench.enabled(kBanner);
  CHECK_FALSE(*change->converged(bench.context));
  CHECK(*change->prior(bench.context) == nlohmann::json{{"active", false}});
  REQUIRE(change->apply(bench.context).ok());
  CHECK(armed_first);
  CHECK(bench.host.active);
  CHECK(*change->converged(bench.context));
  CHECK(bench.host.commands.unit(paths::kFirewallRevertTimer).active == "inactive");
}

TEST_CASE("without proof UFW is off again and the error says so, as pending") {
  Bench bench;
  const auto applied = bench.enabled("")->apply(bench.context);
  REQUIRE_FALSE(applied.ok());
  CHECK(applied.error().code == Errc::pending);
  CHECK(applied.error().message.find("as it was before (UFW off)") != std::string::npos);
  CHECK_FALSE(bench.host.active);
  CHECK_FALSE(bench.host.files.exists(paths::kFirewallPending));
  CHECK(bench.host.commands.unit(paths::kFirewallRevertTimer).active == "inactive");
}

TEST_CASE("UFW was on: without proof the new rules go, UFW and the operator's rules stay") {
  Bench bench;
  bench.host.active = true;
  const std::string theirs = "limit tcp 22 0.0.0.0/0 any 0.0.0.0/0 in";
  bench.host.add_v4(theirs);
  REQUIRE(installers::ufw_rule(kWeb)->apply(bench.context).ok());
  const auto change = bench.enabled("");
  CHECK_FALSE(*change->converged(bench.context));  // the rules stand unproven
  const auto applied = change->apply(bench.context);
  REQUIRE_FALSE(applied.ok());
  CHECK(applied.error().message.find("UFW on, without orama's new rules") != std::string::npos);
  CHECK(bench.host.active);
  CHECK(bench.host.v4() == Lines{theirs});
}

TEST_CASE("killed after UFW was enabled: the re-run knows that it was off before") {
  Bench bench;
  const auto change = bench.enabled(kBanner);
  bench.host.files.put(paths::kFirewallPending, R"({"ufw_was_active": false, "our_rules": []})");
  bench.host.active = true;
  CHECK_FALSE(*change->converged(bench.context));
  CHECK(*change->prior(bench.context) == nlohmann::json{{"active", false}});
  REQUIRE(installers::ufw_rule({"tcp", "22", ""})->apply(bench.context).ok());
  REQUIRE(change->apply(bench.context).ok());
  CHECK(bench.host.active);
}

TEST_CASE("UFW itself fails: reverted, with its words") {
  Bench bench;
  bench.host.commands.on("ufw --force enable", "", 1, "ERROR: problem running ufw-init");
  const auto applied = bench.enabled(kBanner)->apply(bench.context);
  REQUIRE_FALSE(applied.ok());
  CHECK(applied.error().message.find("problem running ufw-init") != std::string::npos);
  CHECK_FALSE(bench.host.files.exists(paths::kFirewallPending));
}

TEST_CASE("taking it back fails too: said, and the switch stays armed") {
  Bench bench;
  bench.host.commands.on("ufw --force disable", "", 1, "ERROR: no disk");
  const auto applied = bench.enabled("")->apply(bench.context);
  REQUIRE_FALSE(applied.ok());
  CHECK(applied.error().message.find("no disk") != std::string::npos);
  CHECK(applied.error().message.find("orama-firewall-revert.timer") != std::string::npos);
  CHECK(bench.host.files.exists(paths::kFirewallPending));
  CHECK(bench.host.commands.unit(paths::kFirewallRevertTimer).active == "active");
}

TEST_CASE("uninstall switches UFW off only where orama switched it on") {
  for (const bool was_active : {true, false}) {
    Bench bench;
    bench.host.active = true;
    const auto reverted = installers::revert_ufw_enabled(
        bench.revert, "ufw", {{"active", was_active}}, {{"active", true}});
    REQUIRE(reverted.ok());
    CHECK(bench.host.active == was_active);
  }
}

TEST_CASE("the revert unit is enabled for the boot, and disabled by uninstall") {
  Bench bench;
  const auto change = installers::firewall_switch();
  CHECK_FALSE(*change->converged(bench.context));
  const auto prior = change->prior(bench.context);
  REQUIRE(prior.ok());
  REQUIRE(change->apply(bench.context).ok());
  CHECK(*change->converged(bench.context));
  REQUIRE(
      installers::revert_firewall_switch(bench.revert, change->target(), *prior, change->wanted())
          .ok());
  CHECK(bench.host.commands.unit(paths::kFirewallRevertUnit).enabled == "disabled");
}

Lines targets_of(FakeUfwHost& host, const installers::NodeSpec& spec) {
  const auto changes = installers::firewall_step(spec).changes(host.host);
  REQUIRE(changes.ok());
  Lines lines;
  for (const auto& change : *changes) {
    lines.push_back(std::string(change->kind()) + " " + change->target());
  }
  return lines;
}

TEST_CASE("the step: SSH first, then what a node needs, then UFW itself") {
  FakeUfwHost host;
  host.commands.on("sshd -T", "port 22\nport 2222\n");
  installers::NodeSpec spec = sample_node();
  const Lines expected = {
      "firewall-switch orama-firewall-revert.service",
      "ufw-rule allow 22/tcp",
      "ufw-rule allow 2222/tcp",
      "ufw-rule allow 80,443/tcp",
      "ufw-rule allow 51820/udp",
      std::string("ufw-rule allow in on orama0 to any port ") +
          "3320,3322,4001,5001,6001,6002,7001,9094,9096,10000:10999 proto tcp",
      "ufw-rule allow in on orama0 to any port 3322 proto udp",
      "ufw-enabled ufw",
  };
  CHECK(targets_of(host, spec) == expected);
  spec.nameserver = true;
  Lines with_dns = expected;
  with_dns.insert(with_dns.begin() + 5, "ufw-rule allow 53");
  CHECK(targets_of(host, spec) == with_dns);
  spec.firewall = false;
  CHECK(targets_of(host, spec).empty());
  CHECK(host.v4().empty());  // looking changed nothing
}

TEST_CASE("an operator who restricts SSH keeps it restricted") {
  FakeUfwHost host;
  host.add_v4("allow tcp 22 0.0.0.0/0 any 203.0.113.0/24 in");
  for (const std::string& line : targets_of(host, sample_node())) {
    CHECK(line != "ufw-rule allow 22/tcp");
  }
}

TEST_CASE("ICMP over the mesh: an operator who took it out of before.rules is told what to add") {
  struct Row {
    const char* rules;
    bool ok;
  };
  const Row rows[] = {
      {"-A ufw-before-input -p icmp --icmp-type echo-request -j ACCEPT\n", true},
      {"-A ufw-before-input -i orama0 -p icmp --icmp-type echo-request -j ACCEPT\n", true},
      {"-A ufw-before-input -p icmp -j ACCEPT\n", true},
      {"-A ufw-before-input -i eth0 -p icmp --icmp-type echo-request -j ACCEPT\n", false},
      {"-A ufw-before-input -p icmp --icmp-type echo-request -j DROP\n", false},
      {"#-A ufw-before-input -p icmp --icmp-type echo-request -j ACCEPT\n", false},
      {"-A ufw-before-forward -p icmp --icmp-type echo-request -j ACCEPT\n", false},
      {"", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rules);
    FakeUfwHost host;
    host.files.put("/etc/ufw/before.rules", row.rules);
    const auto changes = installers::firewall_step(sample_node()).changes(host.host);
    CHECK(changes.ok() == row.ok);
    if (!changes.ok()) {
      CHECK(changes.error().code == Errc::conflict);
      CHECK(changes.error().hint.find("-A ufw-before-input -i orama0 -p icmp") !=
            std::string::npos);
    }
  }
}

}  // namespace
}  // namespace orama::tests
