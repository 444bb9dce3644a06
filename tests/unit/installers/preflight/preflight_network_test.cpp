// Where the host stands in the network, what lets connections in, and what stops an install.
#include "installers/host/command_runner.h"
#include "installers/preflight/preflight.h"

#include <doctest/doctest.h>
#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "common/result.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/preflight/bench.h"

namespace orama::tests {
namespace {

TEST_CASE("where the host stands in the network") {
  const auto addresses = [](const std::string& json) {
    return [json](Bench& b) { b.host.commands.on("ip -j addr", json); };
  };
  const auto routes = [](const std::string& json) {
    return [json](Bench& b) { b.host.commands.on("ip -j -4 route", json); };
  };
  const auto names = [](const std::string& out, int status) {
    return [out, status](Bench& b) {
      b.host.commands.on("getent ahosts node1.example.com", out, status);
    };
  };
  verify({
      {"public-address", ok, "on eth0"},
      {"public-address", ok, "on eth0",
       [](Bench& b) {
         b.spec.public_address = mesh::IpAddress::parse("2001:db8:113::41").value();
       }},
      {"public-address", fail, "on none; this host has 2001:db8:113::41, 203.0.113.41",
       [](Bench& b) { b.spec.public_address = mesh::IpAddress::parse("203.0.113.42").value(); }},
      {"public-address", fail, "no address", addresses("[]")},
      {"public-address", unknown, "cannot be read", addresses("not json")},
      {"domain", ok, "it does"},
      {"domain", fail, "it resolves to 127.0.1.1, 203.0.113.9",
       names("203.0.113.9     STREAM node1\n203.0.113.9     RAW\n127.0.1.1  STREAM\n", 0)},
      {"domain", fail, "does not resolve", names("", 2)},
      {"domain", unknown, "status 1", names("", 1)},
      {"domain", unknown, "no answer from the name servers",
       [](Bench& b) {
         b.host.commands.on("getent ahosts node1.example.com",
                            [](const auto&) -> Result<installers::CommandOutput> {
                              return make_error(Errc::timeout, "10 s");
                            });
       }},
      {"mesh-range", ok, "it overlaps none"},
      {"mesh-range", fail, "eth1 has 10.0.0.9/16",
       addresses(R"([{"ifname":"eth1","addr_info":[{"local":"10.0.0.9","prefixlen":16}]}])")},
      {"mesh-range", fail, "there is a route to 10.0.0.0/8 by tun0",
       routes(R"([{"dst":"10.0.0.0/8","dev":"tun0"}])")},
      {"mesh-range", fail, "there is a route to 10.0.0.7/32 by eth0",
       routes(R"([{"dst":"10.0.0.7","dev":"eth0"}])")},
      {"mesh-range", ok, "it overlaps none",
       routes(R"([{"dst":"10.0.1.0/24","dev":"eth0"},{"dst":"0.0.0.0/0","dev":"eth0"}])")},
      {"mesh-range", ok, "it overlaps none",
       [=](Bench& b) {
         addresses(R"([{"ifname":"orama0","addr_info":[{"local":"10.0.0.1","prefixlen":24}]}])")(b);
         routes(R"([{"dst":"10.0.0.0/24","dev":"orama0"}])")(b);
       }},
      {"mesh-range", unknown, "cannot be read", routes("{\"dst\":1}")},
  });
}

TEST_CASE("an overlap is answered with a range that is free here") {
  Bench bench;
  bench.host.commands.on("ip -j -4 route", R"([{"dst":"10.0.0.0/8","dev":"tun0"}])");
  CHECK(bench.run("mesh-range").fix == "Choose another range: --mesh-cidr 172.29.77.0/24");
}

TEST_CASE("what lets connections in") {
  const auto no_firewall = [](std::function<void(Bench&)> change) {
    return [change](Bench& b) {
      change(b);
      b.spec.firewall = false;
    };
  };
  const auto firewalld = [](Bench& b) {
    FakeUnit unit;
    unit.active = "active";
    b.host.commands.add_unit("firewalld.service", unit);
  };
  const auto docker = [](Bench& b) {
    b.host.commands.on("iptables -S", "-P INPUT ACCEPT\n-N DOCKER\n-N DOCKER-USER\n");
  };
  verify({
      {"ssh", ok, "sshd uses port 22, 2222"},
      {"ssh", fail, "Missing privilege separation directory",
       [](Bench& b) {
         b.host.commands.on("sshd -T", "", 255,
                            "Missing privilege separation directory: /run/sshd\n");
       }},
      {"ssh", unknown, "there is no sshd", [](Bench& b) { gone(b, "sshd -T"); }},
      {"ssh", unknown, "only root may ask",
       [](Bench& b) {
         b.host.commands.on("sshd -T", "", 1, "sshd: no hostkeys available -- exiting.\n");
         b.host.commands.on("id -u", "1000\n");
       }},
      {"firewalld", ok, "not active"},
      {"firewalld", fail, "firewalld is active", firewalld},
      {"firewalld", ok, "--skip-firewall", no_firewall(firewalld)},
      {"firewalld", unknown, "no bus",
       [](Bench& b) { b.host.commands.on("systemctl show", "", 1, "no bus"); }},
      {"firewall", ok, "none"},
      {"firewall", fail, "nftables table inet filter, netdev ddos",
       [](Bench& b) {
         b.host.commands.on(
             "nft list tables",
             "table ip nat\ntable inet filter\ntable netdev ddos\ntable inet firewalld\n");
       }},
      {"firewall", fail, "Docker's chains", docker},
      {"firewall", ok, "--skip-firewall", no_firewall(docker)},
      {"firewall", ok, "none", [](Bench& b) { gone(b, "nft list tables"); }},
      {"firewall", unknown, "neither",
       [](Bench& b) {
         gone(b, "nft list tables");
         gone(b, "iptables -S");
       }},
  });
}

TEST_CASE("what stops an install and what warns") {
  const std::map<std::string, CheckEffect> expected = {
      {"root", CheckEffect::stop},      {"os", CheckEffect::stop},
      {"arch", CheckEffect::stop},      {"systemd", CheckEffect::stop},
      {"wireguard", CheckEffect::stop}, {"memory", CheckEffect::stop},
      {"disk", CheckEffect::stop},      {"inodes", CheckEffect::stop},
      {"clock", CheckEffect::warn},     {"apt-lock", CheckEffect::stop},
      {"ports", CheckEffect::stop},     {"public-address", CheckEffect::warn},
      {"domain", CheckEffect::warn},    {"mesh-range", CheckEffect::stop},
      {"ssh", CheckEffect::warn},       {"firewalld", CheckEffect::stop},
      {"firewall", CheckEffect::warn}};
  std::map<std::string, CheckEffect> found;
  for (const auto& check : installers::checks()) {
    found.emplace(check.name, check.effect);
  }
  CHECK(found == expected);
  Finding finding;
  finding.state = CheckState::unknown;
  CHECK_FALSE(finding.stops());
  finding.state = CheckState::fail;
  CHECK(finding.stops());
  finding.effect = CheckEffect::warn;
  CHECK_FALSE(finding.stops());
}

TEST_CASE("a skipped check is not run and stops nothing; an unknown name is refused") {
  Bench bench;
  bench.host.commands.on("uname -m", "riscv64\n");
  const auto findings = installers::run_preflight(bench.host.host, bench.spec, {"arch"});
  const auto arch = std::find_if(findings.begin(), findings.end(),
                                 [](const auto& finding) { return finding.check == "arch"; });
  REQUIRE(arch != findings.end());
  CHECK(arch->state == unknown);
  CHECK(arch->observed == "skipped by --skip");
  CHECK_FALSE(arch->stops());
  CHECK(bench.host.commands.count("uname") == 0);
  CHECK(installers::check_skips({"arch", "dns"}).error().message ==
        "--skip dns: there is no such check");
  CHECK(installers::check_skips({"arch", "domain"}).ok());
}

TEST_CASE("--vps-ip auto takes the public address that the default route sends from") {
  struct Case {
    std::string v4, v6, expected;  // "" : no route
  };
  for (const Case& row : {Case{"93.184.216.34", "", "93.184.216.34"},
                          Case{"192.168.1.2", "2606:2800:220:1::1", "2606:2800:220:1::1"},
                          Case{"93.184.216.34", "2606:2800:220:1::1", "93.184.216.34"},
                          Case{"192.168.1.2", "fd00::2", ""}, Case{"", "", ""}}) {
    FakeHost host;
    const auto answer = [&](const std::string& family, const std::string& source) {
      host.commands.on(
          "ip -j " + family + " route get",
          source.empty() ? "" : R"([{"dst":"1.1.1.1","dev":"eth0","prefsrc":")" + source + "\"}]",
          source.empty() ? 2 : 0, "RTNETLINK answers: Network is unreachable");
    };
    answer("-4", row.v4);
    answer("-6", row.v6);
    const auto found = installers::detect_public_address(host.commands);
    if (row.expected.empty()) {
      REQUIRE_FALSE(found.ok());
      CHECK(found.error().message.find("--vps-ip auto") != std::string::npos);
      CHECK(found.error().hint.find("--vps-ip ADDRESS") != std::string::npos);
    } else {
      REQUIRE(found.ok());
      CHECK(found->to_string() == row.expected);
    }
  }
}

}  // namespace
}  // namespace orama::tests
