#include "installers/steps/firewall_proof.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/command_runner.h"
#include "installers/steps/firewall_ssh.h"
#include "tests/unit/installers/edge/fake_ufw.h"

namespace orama::tests {
namespace {

using installers::proof_targets;
using installers::SshSurvey;

mesh::IpAddress address(const char* text) {
  const auto parsed = mesh::IpAddress::parse(text);
  REQUIRE(parsed.ok());
  return *parsed;
}

SshSurvey listening_on_22() {
  SshSurvey survey;
  survey.ports = survey.listening = {22};
  survey.listens_v4 = survey.listens_v6 = true;
  return survey;
}

std::vector<std::string> target_names(const SshSurvey& survey,
                                      const std::vector<const char*>& addresses,
                                      const char* public_address) {
  std::vector<mesh::IpAddress> own;
  own.reserve(addresses.size());
  for (const char* text : addresses) {
    own.push_back(address(text));
  }
  std::vector<std::string> names;
  for (const auto& target : proof_targets(survey, own, address(public_address))) {
    names.push_back(target.address.for_url() + ":" + std::to_string(target.port));
  }
  return names;
}

using Names = std::vector<std::string>;

TEST_CASE("global addresses of the host, without the mesh's and the probe's") {
  const auto addresses = installers::parse_host_addresses(R"([
    {"ifname":"lo","addr_info":[{"local":"127.0.0.1","scope":"host"}]},
    {"ifname":"eth0","addr_info":[{"local":"203.0.113.11","scope":"global"},{"local":"fe80::1","scope":"link"},
                                  {"local":"2001:db8::1","scope":"global"}, 7, {"scope":"global"}]},
    {"ifname":"orama0","addr_info":[{"local":"10.0.0.1","scope":"global"}]},
    {"ifname":"orama-proof0","addr_info":[{"local":"192.0.2.253","scope":"global"}]}, {}, 3])");
  REQUIRE(addresses.size() == 2);
  CHECK(addresses[0].to_string() == "203.0.113.11");
  CHECK(addresses[1].to_string() == "2001:db8::1");
  CHECK(installers::parse_host_addresses("oops").empty());
  CHECK(installers::parse_host_addresses(R"([{"ifname":1,"addr_info":[{"local":2,"scope":3}]}])")
            .empty());
}

TEST_CASE("what has to be proven") {
  SshSurvey with_session = listening_on_22();
  with_session.ports = with_session.listening = {22, 2222};
  with_session.sessions = {{address("198.51.100.9"), address("203.0.113.11"), 2222}};
  CHECK(target_names(with_session, {"203.0.113.11", "2001:db8::1"}, "203.0.113.11") ==
        Names{"203.0.113.11:2222"});

  with_session.listening = {2022};  // sshd was moved since the session began
  CHECK(target_names(with_session, {"203.0.113.11"}, "203.0.113.11") == Names{"203.0.113.11:2022"});

  const SshSurvey plain = listening_on_22();
  CHECK(target_names(plain, {"203.0.113.11", "2001:db8::1"}, "203.0.113.11") ==
        Names{"203.0.113.11:22", "[2001:db8::1]:22"});
  CHECK(target_names(plain, {"192.168.1.5", "fd00::1"}, "203.0.113.11") == Names{"192.168.1.5:22"});

  SshSurvey v4_only = plain;
  v4_only.listens_v6 = false;
  CHECK(target_names(v4_only, {"203.0.113.11", "2001:db8::1"}, "203.0.113.11") ==
        Names{"203.0.113.11:22"});
  CHECK(target_names(SshSurvey(), {"203.0.113.11"}, "203.0.113.11").empty());
}

enum class Rules { none, ssh_open };

struct Bench {
  FakeUfwHost host;
  FakeBanner banner{kBanner};
  SshSurvey survey = listening_on_22();

  explicit Bench(Rules rules = Rules::ssh_open) {
    host.active = true;
    if (rules == Rules::none) {
      return;
    }
    host.add_v4("allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in comment=6f72616d61");
    host.add_v6("allow tcp 22 ::/0 any ::/0 in comment=6f72616d61");
  }
  Result<void> prove() {
    return installers::prove_reachable(host.host, banner, survey, address("203.0.113.11"));
  }
  std::string refusal() {
    const auto proven = prove();
    REQUIRE_FALSE(proven.ok());
    CHECK(proven.error().code == Errc::pending);
    CHECK_FALSE(proven.error().hint.empty());
    return proven.error().full_message();
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a probe that reads sshd's banner proves, at once") {
  Bench bench;
  CHECK(bench.prove().ok());
  CHECK(bench.banner.asked == Names{"orama-proof 203.0.113.11:22"});
  CHECK(bench.host.commands.count("ip netns del orama-proof") == 2);
}

TEST_CASE("no banner, or another server's, proves nothing; few probes are made") {
  for (const char* said : {"", "220 mail ESMTP\r\n"}) {
    Bench bench;
    bench.banner = FakeBanner(said);
    CHECK(contains(bench.refusal(), "IPv4 (203.0.113.11:22)"));
    CHECK(bench.banner.asked.size() == 2);
  }
}

TEST_CASE("a rule bound to a source: not provable by a probe, named") {
  Bench bench(Rules::none);
  bench.host.add_v4("allow tcp 22 0.0.0.0/0 any 203.0.113.0/24 in");
  const std::string message = bench.refusal();
  CHECK(contains(message, "not provable"));
  CHECK(contains(message, "allow from 203.0.113.0/24 to any port 22 proto tcp"));
  CHECK(bench.banner.asked.empty());
}

TEST_CASE("a new connection from another host proves where a probe cannot") {
  Bench bench(Rules::none);
  bench.host.add_v4("deny any 22 0.0.0.0/0 any 0.0.0.0/0 in_eth0");
  int looks = 0;
  bench.host.commands.on("ss -H -tn state", [&looks](const installers::Command&) {
    installers::CommandOutput output;
    output.out = "ESTAB 0 0 203.0.113.11:22 198.51.100.9:50022\n";
    if (++looks > 3) {
      output.out += "FIN-WAIT-2 0 0 203.0.113.11:22 198.51.100.9:50023\n";
    }
    return Result<installers::CommandOutput>(output);
  });
  CHECK(bench.prove().ok());
  CHECK(bench.banner.asked.empty());
}

TEST_CASE("connections that were there, half-open ones and local ones prove nothing") {
  FakeUfwHost host;
  host.active = true;
  host.add_v4("allow tcp 22 0.0.0.0/0 any 203.0.113.0/24 in");
  int looks = 0;
  host.commands.on("ss -H -tn state", [&looks](const installers::Command&) {
    installers::CommandOutput output;
    output.out = "ESTAB 0 0 203.0.113.11:22 198.51.100.9:50022\n";
    if (++looks > 1) {
      output.out +=
          "SYN-RECV 0 0 203.0.113.11:22 198.51.100.9:50023\n"
          "ESTAB 0 0 127.0.0.1:22 127.0.0.1:50024\n"
          "ESTAB 0 0 203.0.113.11:22 203.0.113.11:50025\n"
          "ESTAB 0 0 203.0.113.11:443 198.51.100.9:50026\n"
          "ESTAB 0 0 [2001:db8::1]:22 [2001:db8::9]:50027\n";
    }
    return Result<installers::CommandOutput>(output);
  });
  FakeBanner banner(kBanner);
  const auto proven =
      installers::prove_reachable(host.host, banner, listening_on_22(), address("203.0.113.11"));
  REQUIRE_FALSE(proven.ok());
  CHECK(proven.error().code == Errc::pending);
  CHECK(looks > 100);  // it was watched for
}

TEST_CASE("IPV6=no: said for a host that has SSH over IPv6") {
  Bench bench;
  bench.host.set_ipv6("no");
  bench.survey.sessions = {{address("2001:db8::9"), address("2001:db8::1"), 22}};
  const std::string message = bench.refusal();
  CHECK(contains(message, "IPv6 ([2001:db8::1]:22)"));
  CHECK(contains(message, "IPV6=no"));
}

TEST_CASE("no namespaces on this host: not provable, with the reason") {
  Bench bench;
  bench.host.commands.on("ip netns add", "", 1, "Operation not permitted");
  CHECK(contains(bench.refusal(), "Operation not permitted"));
}

TEST_CASE("no SSH server found: not provable") {
  Bench bench;
  bench.survey = {};
  CHECK(contains(bench.refusal(), "no SSH server"));
}

}  // namespace
}  // namespace orama::tests
