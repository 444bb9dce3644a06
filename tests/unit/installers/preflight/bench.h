// A fresh server on which every preflight check is ok, to be broken one fact at a time, from what
// the real commands print on Debian 12. Shared by the tests of this folder.
#pragma once

#include "installers/preflight/preflight.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/files.h"
#include "tests/support/fake_host.h"

namespace orama::tests {

using installers::CheckEffect;
using installers::CheckState;
using installers::FileKind;
using installers::Finding;
using installers::NodeSpec;

constexpr const char* kDebian12 =
    "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n"
    "VERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";
inline constexpr const char* kAddresses =
    R"([{"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8}]},
        {"ifname":"eth0","flags":["UP"],"addr_info":[
          {"family":"inet","local":"203.0.113.41","prefixlen":24,"scope":"global"},
          {"family":"inet6","local":"2001:db8:113::41","prefixlen":64}]}])";
inline constexpr const char* kRoutes =
    R"([{"dst":"default","gateway":"203.0.113.1","dev":"eth0","flags":[]},
        {"dst":"203.0.113.0/24","dev":"eth0","protocol":"kernel","prefsrc":"203.0.113.41"}])";
inline constexpr const char* kSockets =
    "tcp LISTEN 0      128      0.0.0.0:22   0.0.0.0:* users:((\"sshd\",pid=52,fd=3))  \n"
    "tcp LISTEN 0      4096   127.0.0.1:2019 0.0.0.0:* users:((\"caddy\",pid=391,fd=3))\n"
    "tcp LISTEN 0      4096           *:80         *:* users:((\"caddy\",pid=391,fd=7))\n"
    "tcp LISTEN 0      128         [::]:22      [::]:* users:((\"sshd\",pid=52,fd=4))  \n";

// A fresh server on which every check is ok.
struct Bench {
  FakeHost host;
  NodeSpec spec;
  std::vector<std::string> notices;

  Bench() {
    spec.domain = "node1.example.com";
    spec.public_address = mesh::IpAddress::parse("203.0.113.41").value();
    spec.mesh_cidr = mesh::Cidr::parse_mesh("10.0.0.0/24").value();
    spec.mesh_ip = spec.mesh_cidr.host(1);
    host.files.put("/etc/os-release", kDebian12);
    host.files.put_directory("/run/systemd/system");
    host.files.put_other("/dev/net/tun", FileKind::other);
    host.files.put("/proc/meminfo", "MemTotal:        2000000 kB\nMemFree: 1 kB\n");
    host.files.put("/proc/locks", "1: OFDLCK ADVISORY  WRITE -1 fe:00:933985 0 EOF\n");
    auto& commands = host.commands;
    commands.on("id -u", "0\n");
    commands.on("uname -m", "x86_64\n");
    commands.on("df ", "      Avail   Inodes    IFree\n82552877056 16777216 16285639\n");
    commands.on("timedatectl", "yes\n");
    commands.on("stat ", "254:0 398608\n254:0 398609\n");
    commands.on("ss ", kSockets);
    commands.on("ip -j addr", kAddresses);
    commands.on("ip -j -4 route", kRoutes);
    commands.on("getent ahosts node1.example.com",
                "203.0.113.41    STREAM node1.example.com\n203.0.113.41    DGRAM  \n");
    commands.on("sshd -T", "port 22\nport 2222\naddressfamily any\nlistenaddress 0.0.0.0:22\n");
    commands.on("nft list tables", "table ip filter\ntable ip6 filter\n");
    commands.on("iptables -S", "-P INPUT ACCEPT\n-N ufw-user-input\n");
    FakeUnit caddy;
    caddy.active = "active";
    caddy.main_pid = 391;
    commands.add_unit("caddy.service", caddy);
  }

  Finding run(const std::string& name) {
    const auto& all = installers::checks();
    const auto check = std::find_if(all.begin(), all.end(),
                                    [&](const auto& candidate) { return candidate.name == name; });
    REQUIRE(check != all.end());
    installers::CheckContext context{host.host, spec,
                                     [this](const std::string& text) { notices.push_back(text); }};
    return check->run(context);
  }
};

struct Row {
  std::string check;
  CheckState state;
  std::string observed;  // a part of it
  std::function<void(Bench&)> change = [](Bench&) {};
};

inline void gone(Bench& bench, const std::string& command) {
  bench.host.commands.on(command, [](const auto&) -> Result<installers::CommandOutput> {
    return make_error(Errc::not_found, "there is no program");
  });
}

inline void verify(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.check);
    CAPTURE(row.observed);
    Bench bench;
    row.change(bench);
    const Finding finding = bench.run(row.check);
    CHECK(finding.state == row.state);
    CHECK_MESSAGE(finding.observed.find(row.observed) != std::string::npos, finding.observed);
    CHECK_FALSE(finding.wanted.empty());
    CHECK(finding.fix.empty() == (row.state != CheckState::fail));
  }
}

constexpr auto ok = CheckState::ok;
constexpr auto fail = CheckState::fail;
constexpr auto unknown = CheckState::unknown;

}  // namespace orama::tests
