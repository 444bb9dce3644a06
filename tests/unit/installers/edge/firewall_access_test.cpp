#include "installers/steps/firewall_access.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/mesh/ip_address.h"
#include "installers/steps/firewall_ufw.h"

namespace orama::tests {
namespace {

using installers::IpFamily;
using installers::SshAccess;
using installers::UfwRule;
using installers::UfwState;
using Verdict = SshAccess::Verdict;

std::vector<UfwRule> rules_of(const std::vector<std::string>& tuples,
                              IpFamily family = IpFamily::v4) {
  std::string text;
  for (const std::string& tuple : tuples) {
    text += "### tuple ### " + tuple + "\n";
  }
  auto rules = installers::parse_ufw_rules(text, family);
  REQUIRE(rules.ok());
  return *rules;
}

const std::string kOpen = "allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in";
const std::string kLimit = "limit tcp 22 0.0.0.0/0 any 0.0.0.0/0 in";
const std::string kApp = "allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 OpenSSH - in";
const std::string kDeny = "deny tcp 22 0.0.0.0/0 any 0.0.0.0/0 in";
const std::string kOffice = "allow tcp 22 0.0.0.0/0 any 203.0.113.0/24 in";
const std::string kTrusted = "allow any any 0.0.0.0/0 any 10.0.0.0/8 in";
const std::string kBanned = "deny any any 0.0.0.0/0 any 192.0.2.77 in";
const std::string kNoEth0 = "deny any 22 0.0.0.0/0 any 0.0.0.0/0 in_eth0";
const std::string kOurs = "allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in comment=6f72616d61";

TEST_CASE("what UFW's rules say about new SSH connections") {
  struct Row {
    std::vector<std::string> tuples;
    UfwState state;
    Verdict verdict;
    bool provable;
  };
  const Row rows[] = {
      {{}, UfwState::on, Verdict::unnamed, true},
      {{kOpen}, UfwState::on, Verdict::open, true},
      {{kLimit}, UfwState::off, Verdict::open, true},
      {{kApp}, UfwState::on, Verdict::open, true},
      {{kDeny}, UfwState::on, Verdict::closed, true},
      {{kDeny, kOpen}, UfwState::on, Verdict::closed, true},  // the first that matches decides
      {{kOffice}, UfwState::on, Verdict::restricted, false},
      {{kOffice}, UfwState::off, Verdict::restricted, false},
      {{kOffice, kDeny}, UfwState::on, Verdict::restricted, false},
      {{kOffice, kOpen}, UfwState::on, Verdict::open, true},
      {{kTrusted}, UfwState::on, Verdict::restricted, false},
      {{kTrusted}, UfwState::off, Verdict::unnamed, true},  // it restricts nothing while UFW is off
      {{kNoEth0, kOpen}, UfwState::on, Verdict::open, false},
      {{kBanned, kOpen}, UfwState::on, Verdict::open, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.tuples.size());
    CAPTURE((row.tuples.empty() ? std::string() : row.tuples.front()));
    const SshAccess access =
        installers::ssh_access(rules_of(row.tuples), IpFamily::v4, 22, row.state, {});
    CHECK(static_cast<int>(access.verdict) == static_cast<int>(row.verdict));
    CHECK(access.bound_rule.empty() == row.provable);
  }
}

TEST_CASE("a ban of somebody who is connected now makes it unprovable") {
  const auto peer = mesh::IpAddress::parse("192.0.2.77");
  const auto local = mesh::IpAddress::parse("203.0.113.11");
  REQUIRE(peer.ok());
  REQUIRE(local.ok());
  const SshAccess access = installers::ssh_access(rules_of({kBanned, kOpen}), IpFamily::v4, 22,
                                                  UfwState::on, {{*peer, *local, 22}});
  CHECK(access.bound_rule == "deny from 192.0.2.77 to any");
}

TEST_CASE(
    "orama adds its SSH rule where nothing says who may connect, and never opens what is "
    "restricted") {
  struct Row {
    std::vector<std::string> v4, v6;
    UfwState state;
    bool needs;
  };
  const std::string open_v6 = "allow tcp 22 ::/0 any ::/0 in";
  const Row rows[] = {
      {{}, {}, UfwState::off, true},
      {{kOpen}, {open_v6}, UfwState::on, false},
      {{kOpen}, {}, UfwState::on, true},
      {{kOurs},
       {},
       UfwState::on,
       true},  // its own: kept in the plan, or it would go at the second run
      {{kOffice}, {}, UfwState::on, false},
      {{kDeny}, {}, UfwState::off, false},
      {{kTrusted}, {}, UfwState::off, true},
      {{kTrusted}, {}, UfwState::on, false},
  };
  for (const Row& row : rows) {
    CAPTURE((row.v4.empty() ? std::string() : row.v4.front()));
    auto rules = rules_of(row.v4);
    const auto v6 = rules_of(row.v6, IpFamily::v6);
    rules.insert(rules.end(), v6.begin(), v6.end());
    CHECK(installers::needs_ssh_rule(rules, 22, row.state) == row.needs);
  }
}

}  // namespace
}  // namespace orama::tests
