#include "installers/steps/firewall_probe.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"
#include "tests/unit/installers/edge/fake_ufw.h"

namespace orama::tests {
namespace {

using installers::free_prefix;
using installers::ProbeNetwork;

const std::vector<std::string> kCandidates = {"192.0.2.252/30", "198.51.100.252/30"};
const std::vector<std::string> kCandidatesV6 = {"fd6f:7261:6d61:fffe::/126",
                                                "fd6f:7261:6d61:fffd::/126"};

TEST_CASE(
    "the probe takes the first range that no route covers; the default route covers nothing") {
  struct Row {
    const char* routes;
    const char* wanted;
  };
  const Row rows[] = {
      {"[]", "192.0.2.252/30"},
      {R"([{"dst":"default","gateway":"203.0.113.1"},{"dst":"0.0.0.0/0"}])", "192.0.2.252/30"},
      {R"([{"dst":"192.0.2.0/24"}])", "198.51.100.252/30"},
      {R"([{"type":"local","dst":"192.0.2.253"}])", "198.51.100.252/30"},
      {R"([{"dst":"192.0.2.0/25"}])", "192.0.2.252/30"},
      {R"([{"dst":"192.0.0.0/8"},{"flags":[]},{"dst":7},null])", "198.51.100.252/30"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.routes);
    const auto prefix = free_prefix(row.routes, kCandidates);
    REQUIRE(prefix.ok());
    CHECK(*prefix == row.wanted);
  }
  CHECK(*free_prefix(R"([{"dst":"fd6f:7261:6d61:fffe::/64"},{"dst":"192.0.2.0/24"}])",
                     kCandidatesV6) == "fd6f:7261:6d61:fffd::/126");
}

TEST_CASE("no range left, or no list of routes: an error") {
  CHECK_FALSE(free_prefix(R"([{"dst":"128.0.0.0/1"}])", kCandidates).ok());
  CHECK_FALSE(free_prefix("", kCandidates).ok());
  CHECK_FALSE(free_prefix("{}", kCandidates).ok());
}

TEST_CASE("the namespace is raised with both families and taken down when the proof ends") {
  FakeUfwHost host;
  host.commands.on("ip -j -6 route", R"([{"dst":"::1"}])");
  {
    const auto network = ProbeNetwork::make(host.host);
    REQUIRE(network.ok());
    CHECK(host.commands.count("ip netns add orama-proof") == 1);
    CHECK(host.commands.count("ip addr add 192.0.2.253/30 dev orama-proof0") == 1);
    CHECK(host.commands.count("ip -n orama-proof addr add 192.0.2.254/30 dev orama-proof1") == 1);
    CHECK(host.commands.count("ip -6 addr add fd6f:7261:6d61:fffe::1/126 dev orama-proof0 nodad") ==
          1);
    host.commands.forget_calls();
  }
  CHECK(host.commands.count("ip netns del orama-proof") == 1);
  CHECK(host.commands.count("ip link del orama-proof0") == 1);
}

TEST_CASE("a host without IPv6 gets no IPv6 in the namespace") {
  FakeUfwHost host;
  const auto network = ProbeNetwork::make(host.host);
  REQUIRE(network.ok());
  CHECK(host.commands.count("ip -6 addr add") == 0);
}

TEST_CASE("where no namespace can be made, that is the error and nothing is left") {
  FakeUfwHost host;
  host.commands.on("ip netns add", "", 1, "mkdir /run/netns failed: Operation not permitted");
  const auto network = ProbeNetwork::make(host.host);
  REQUIRE_FALSE(network.ok());
  CHECK(network.error().full_message().find("Operation not permitted") != std::string::npos);
  CHECK(host.commands.count("ip netns del orama-proof") ==
        2);  // before, for a killed run's, and after
}

}  // namespace
}  // namespace orama::tests
