#include "installers/steps/firewall_ufw.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"
#include "tests/unit/installers/edge/fake_ufw.h"

namespace orama::tests {
namespace {

using installers::IpFamily;
using installers::parse_ufw_rules;
using installers::UfwRule;
using installers::WantedRule;

// As ufw 0.36.2 of Debian 12 wrote them.
constexpr const char* kRules = R"(*filter
:ufw-user-input - [0:0]
### RULES ###

### tuple ### allow any any 0.0.0.0/0 any 192.0.2.78 in
-A ufw-user-input -s 192.0.2.78 -j ACCEPT

### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in comment=6f72616d61
-A ufw-user-input -p tcp --dport 22 -j ACCEPT -m comment --comment 'orama'

### tuple ### allow tcp 3320,3322,10000:10999 0.0.0.0/0 any 0.0.0.0/0 in_orama0 comment=6f72616d61
### tuple ### limit tcp 2222 0.0.0.0/0 any 0.0.0.0/0 in
### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 OpenSSH - in
### tuple ### deny any 22 0.0.0.0/0 any 0.0.0.0/0 in_eth0
### tuple ### allow tcp 2201 203.0.113.41 any 0.0.0.0/0 in
### tuple ### route:allow any any 0.0.0.0/0 any 0.0.0.0/0 in_eth0!out_orama0
### tuple ### allow_log tcp 8080 0.0.0.0/0 any 0.0.0.0/0 in
### tuple ### allow any 25 0.0.0.0/0 any 0.0.0.0/0 out
### tuple ### allow udp 3000 0.0.0.0/0 1000:2000 10.0.0.0/8 in
### END RULES ###
)";

std::vector<UfwRule> parsed(const std::string& text) {
  auto rules = parse_ufw_rules(text, IpFamily::v4);
  REQUIRE(rules.ok());
  return *rules;
}

TEST_CASE("UFW's own file is read rule by rule") {
  const auto rules = parsed(kRules);
  const std::vector<std::string> expected = {
      "allow from 192.0.2.78 to any",
      "allow to any port 22 proto tcp",
      "allow in on orama0 to any port 3320,3322,10000:10999 proto tcp",
      "limit to any port 2222 proto tcp",
      "allow to any port 22 proto tcp",
      "deny in on eth0 to any port 22",
      "allow to 203.0.113.41 port 2201 proto tcp",
      "allow in on eth0 to any",
      "allow to any port 8080 proto tcp",
      "allow to any port 25",
      "allow from 10.0.0.0/8 port 1000:2000 to any port 3000 proto udp",
  };
  std::vector<std::string> got;
  got.reserve(rules.size());
  for (const UfwRule& rule : rules) {
    got.push_back(rule.to_string());
  }
  CHECK(got == expected);
  CHECK(rules[1].is_ours());
  CHECK_FALSE(rules[3].is_ours());
  CHECK(rules[7].direction == UfwRule::Direction::routed);
  CHECK(rules[9].direction == UfwRule::Direction::out);
}

TEST_CASE("which rules speak of new TCP connections to a port") {
  struct Row {
    const char* tuple;
    int port;
    bool covers, bound;
  };
  const Row rows[] = {
      {"allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in", 22, true, false},
      {"allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in", 2222, false, false},
      {"allow udp 22 0.0.0.0/0 any 0.0.0.0/0 in", 22, false, false},
      {"allow any 22 ::/0 any ::/0 in", 22, true, false},
      {"allow any any 0.0.0.0/0 any 10.0.0.5 in", 22, true, true},
      {"allow tcp 20:30,443 0.0.0.0/0 any 0.0.0.0/0 in", 30, true, false},
      {"allow tcp 20:30,443 0.0.0.0/0 any 0.0.0.0/0 in", 31, false, false},
      {"allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in_eth0", 22, true, true},
      {"allow tcp 22 203.0.113.11 any 0.0.0.0/0 in", 22, true, true},
      {"allow tcp 22 0.0.0.0/0 1024:65535 0.0.0.0/0 in", 22, true, true},
      {"allow any 22 0.0.0.0/0 any 0.0.0.0/0 out", 22, false, false},
      {"route:allow any 22 0.0.0.0/0 any 0.0.0.0/0 in_eth0", 22, false, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.tuple);
    const auto rules = parsed(std::string("### tuple ### ") + row.tuple + "\n");
    REQUIRE(rules.size() == 1);
    CHECK(rules[0].covers_tcp(row.port) == row.covers);
    CHECK(rules[0].is_bound() == row.bound);
  }
}

TEST_CASE("a tuple that is not understood is an error that quotes it") {
  for (const char* tuple :
       {"", "allow", "allow tcp 22 any", "permit tcp 22 0.0.0.0/0 any 0.0.0.0/0 in",
        "allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 sideways",
        "allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in comment=zz",
        "allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 a b c in"}) {
    CAPTURE(tuple);
    const auto rules = parse_ufw_rules(std::string("### tuple ### ") + tuple + "\n", IpFamily::v4);
    REQUIRE_FALSE(rules.ok());
    CHECK(rules.error().message.find(std::string("\"") + tuple + "\"") != std::string::npos);
  }
}

TEST_CASE("a wanted rule is the words that follow ufw, and is found again from its name") {
  struct Row {
    WantedRule rule;
    const char* text;
  };
  const Row rows[] = {
      {{"tcp", "80,443", ""}, "allow 80,443/tcp"},
      {{"any", "53", ""}, "allow 53"},
      {{"udp", "3322", "orama0"}, "allow in on orama0 to any port 3322 proto udp"},
  };
  for (const Row& row : rows) {
    CHECK(row.rule.to_string() == row.text);
    const auto again = WantedRule::parse(row.text);
    REQUIRE(again.ok());
    CHECK(again->arguments() == row.rule.arguments());
  }
  for (const char* text :
       {"", "allow", "deny 22/tcp", "allow 22/tcp extra", "allow in on orama0"}) {
    CAPTURE(text);
    CHECK_FALSE(WantedRule::parse(text).ok());
  }
}

TEST_CASE("rules are added tagged, for both families, and deleted without a question") {
  FakeUfwHost host;
  const WantedRule rule{"tcp", "3320,10000:10999", "orama0"};
  REQUIRE(installers::ufw_add(host.commands, rule).ok());
  CHECK(host.v4() ==
        std::vector<std::string>{"allow tcp 3320,10000:10999 0.0.0.0/0 any 0.0.0.0/0 in_orama0 "
                                 "comment=6f72616d61"});
  CHECK(host.v6().size() == 1);
  const auto rules = installers::read_ufw_rules(host.files);
  REQUIRE(rules.ok());
  REQUIRE(rules->size() == 2);
  CHECK(rule.same_traffic((*rules)[0]));
  CHECK((*rules)[1].family == IpFamily::v6);
  REQUIRE(installers::ufw_delete(host.commands, rule).ok());
  CHECK(host.v4().empty());
  CHECK(host.v6().empty());
}

TEST_CASE("whether UFW is on is what it says, nothing else") {
  FakeUfwHost host;
  CHECK_FALSE(*installers::ufw_is_active(host.commands));
  host.active = true;
  CHECK(*installers::ufw_is_active(host.commands));
  host.commands.on("ufw status", "Etat : actif\n");
  const auto odd = installers::ufw_is_active(host.commands);
  REQUIRE_FALSE(odd.ok());
  CHECK(odd.error().message.find("Etat : actif") != std::string::npos);
}

TEST_CASE("without IPV6=yes UFW drops IPv6 whatever its rules say") {
  FakeUfwHost host;
  CHECK(*installers::ufw_filters_v6_by_rules(host.files));
  host.set_ipv6("no");
  CHECK_FALSE(*installers::ufw_filters_v6_by_rules(host.files));
}

}  // namespace
}  // namespace orama::tests
