// Every check in its states, from what the real commands print on Debian 12.
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
namespace {

using installers::CheckEffect;
using installers::CheckState;
using installers::FileKind;
using installers::Finding;
using installers::NodeSpec;

constexpr const char* kDebian12 =
    "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n"
    "VERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";
constexpr const char* kAddresses =
    R"([{"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8}]},
        {"ifname":"eth0","flags":["UP"],"addr_info":[
          {"family":"inet","local":"203.0.113.41","prefixlen":24,"scope":"global"},
          {"family":"inet6","local":"2001:db8:113::41","prefixlen":64}]}])";
constexpr const char* kRoutes =
    R"([{"dst":"default","gateway":"203.0.113.1","dev":"eth0","flags":[]},
        {"dst":"203.0.113.0/24","dev":"eth0","protocol":"kernel","prefsrc":"203.0.113.41"}])";
constexpr const char* kSockets =
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

void gone(Bench& bench, const std::string& command) {
  bench.host.commands.on(command, [](const auto&) -> Result<installers::CommandOutput> {
    return make_error(Errc::not_found, "there is no program");
  });
}

void verify(const std::vector<Row>& rows) {
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

TEST_CASE("every check is ok on a fresh server") {
  Bench bench;
  const auto findings = installers::run_preflight(bench.host.host, bench.spec, {});
  CHECK(findings.size() == installers::checks().size());
  for (const Finding& finding : findings) {
    CAPTURE(finding.check);
    CHECK_MESSAGE(finding.state == ok, finding.observed);
  }
}

TEST_CASE("what the machine is") {
  const auto os_release = [](const char* id, const char* version) {
    return [id, version](Bench& bench) {
      bench.host.files.put("/etc/os-release", std::string("ID=") + id + "\nVERSION_ID=\"" +
                                                  version + "\"\nVERSION_IDENTIFIER=1\n");
    };
  };
  verify({
      {"root", ok, "root"},
      {"root", fail, "user number 1000", [](Bench& b) { b.host.commands.on("id -u", "1000\n"); }},
      {"root", unknown, "`id -u`", [](Bench& b) { gone(b, "id -u"); }},
      {"os", ok, "Debian GNU/Linux 12 (bookworm)"},
      {"os", ok, "debian 13", os_release("debian", "13")},
      {"os", ok, "ubuntu 24.04", os_release("ubuntu", "24.04")},
      {"os", fail, "debian 11", os_release("debian", "11")},
      {"os", fail, "ubuntu 22.04", os_release("ubuntu", "22.04")},
      {"os", fail, "fedora 40", os_release("fedora", "40")},
      {"os", unknown, "/etc/os-release",
       [](Bench& b) { static_cast<void>(b.host.files.remove_file("/etc/os-release")); }},
      {"arch", ok, "amd64"},
      {"arch", ok, "arm64",
       [](Bench& b) {
         b.host.commands.on("uname", "aarch64\n");
         b.host.commands.on("uname -m", "aarch64\n");
       }},
      {"arch", fail, "riscv64", [](Bench& b) { b.host.commands.on("uname -m", "riscv64\n"); }},
      {"arch", unknown, "uname", [](Bench& b) { gone(b, "uname -m"); }},
      {"systemd", ok, "systemd"},
      {"systemd", fail, "not booted with systemd",
       [](Bench& b) { static_cast<void>(b.host.files.remove_directory("/run/systemd/system")); }},
      {"wireguard", ok, "/dev/net/tun"},
      {"wireguard", ok, "in the kernel",
       [](Bench& b) { b.host.files.put_directory("/sys/module/wireguard"); }},
      {"wireguard", ok, "as a module",
       [](Bench& b) {
         static_cast<void>(b.host.files.remove_file("/dev/net/tun"));
         b.host.commands.on("modprobe -n -q wireguard", "");
       }},
      {"wireguard", fail, "neither",
       [](Bench& b) { static_cast<void>(b.host.files.remove_file("/dev/net/tun")); }},
      {"wireguard", fail, "neither",
       [](Bench& b) {
         b.host.files.put("/dev/net/tun", "");
         b.host.commands.on("modprobe", "", 1);
       }},
  });
}

TEST_CASE("how much the machine has, at the limit and one past it") {
  const auto df = [](const std::string& row) {
    return
        [row](Bench& bench) { bench.host.commands.on("df ", "Avail Inodes IFree\n" + row + "\n"); };
  };
  const auto installed = [df](const std::string& row) {
    return [df, row](Bench& bench) {
      df(row)(bench);
      bench.host.files.put("/var/lib/orama/install/receipt.json", "{}");
    };
  };
  const auto memory = [](const std::string& kib) {
    return [kib](Bench& b) { b.host.files.put("/proc/meminfo", "MemTotal:   " + kib + " kB\n"); };
  };
  verify({
      {"memory", ok, "900 MiB", memory("921600")},
      {"memory", fail, "899 MiB", memory("921599")},
      {"memory", unknown, "/proc/meminfo",
       [](Bench& b) { b.host.files.put("/proc/meminfo", "x"); }},
      {"disk", ok, "5120 MiB free", df("5368709120 100 100")},
      {"disk", fail, "5119 MiB free", df("5368709119 100 100")},
      {"disk", ok, "256 MiB free", installed("268435456 100 100")},
      {"disk", fail, "255 MiB free", installed("268435455 100 100")},
      {"disk", unknown, "df", [](Bench& b) { gone(b, "df "); }},
      {"disk", unknown, "df", df("nonsense")},
      {"inodes", ok, "20000 free", df("1 50000 20000")},
      {"inodes", fail, "19999 free", df("1 50000 19999")},
      {"inodes", ok, "no fixed number", df("1 0 0")},
      {"inodes", ok, "no fixed number", df("1 - -")},
      {"inodes", unknown, "df", [](Bench& b) { b.host.commands.on("df ", "", 1); }},
      {"clock", ok, "synchronised"},
      {"clock", fail, "not synchronised",
       [](Bench& b) { b.host.commands.on("timedatectl", "no\n"); }},
      {"clock", unknown, "timedatectl",
       [](Bench& b) { b.host.commands.on("timedatectl", "", 1, "Failed to connect to bus"); }},
  });
}

TEST_CASE("apt at work is waited for, and named when it does not end") {
  Bench bench;
  bench.host.files.put("/proc/812/comm", "apt-get\n");
  bench.host.files.put("/proc/locks",
                       "1: POSIX  ADVISORY  WRITE 812 fe:00:398608 0 EOF\n"
                       "1: -> POSIX  ADVISORY  WRITE 900 fe:00:398608 0 EOF\n");
  const auto begun = bench.host.clock.steady_now();
  const Finding finding = bench.run("apt-lock");
  CHECK(finding.state == fail);
  CHECK(finding.observed == "apt-get (process 812) holds dpkg's lock, after 60 s of waiting");
  CHECK(bench.host.clock.steady_now() - begun == std::chrono::seconds(60));
  CHECK(bench.notices ==
        std::vector<std::string>{"waiting for apt-get (process 812), which holds dpkg's lock"});
}

TEST_CASE("apt that ends in time is no finding") {
  Bench bench;
  int looks = 0;
  bench.host.files.put("/proc/locks", "1: POSIX  ADVISORY  WRITE 812 fe:00:398608 0 EOF\n");
  bench.host.commands.on("stat ", [&](const auto&) -> Result<installers::CommandOutput> {
    if (++looks == 3) {
      bench.host.files.put("/proc/locks", "");
    }
    installers::CommandOutput output;
    output.out = "254:0 398608\n";
    return output;
  });
  CHECK(bench.run("apt-lock").state == ok);
  CHECK(looks == 3);
}

TEST_CASE("locks of other files and kinds are not apt's") {
  for (const char* locks :
       {"", "1: POSIX  ADVISORY  WRITE 812 fe:00:398607 0 EOF\n",
        "1: POSIX  ADVISORY  WRITE 812 fe:01:398608 0 EOF\n",
        "1: FLOCK  ADVISORY  WRITE 812 fe:00:398608 0 EOF\n",
        "1: -> POSIX  ADVISORY  WRITE 812 fe:00:398608 0 EOF\n", "nonsense\n"}) {
    CAPTURE(locks);
    Bench bench;
    bench.host.files.put("/proc/locks", locks);
    CHECK(bench.run("apt-lock").state == ok);
  }
  Bench blind;
  static_cast<void>(blind.host.files.remove_file("/proc/locks"));
  CHECK(blind.run("apt-lock").state == unknown);
}

TEST_CASE("ports: who holds them, and what is ours") {
  const auto also = [](const std::string& lines) {
    return [lines](Bench& b) { b.host.commands.on("ss ", kSockets + lines); };
  };
  const auto nameserver = [also](const std::string& lines) {
    return [also, lines](Bench& b) {
      also(lines)(b);
      b.spec.nameserver = true;
    };
  };
  const auto with_unit = [also](const std::string& unit, int pid, const std::string& lines) {
    return [also, unit, pid, lines](Bench& b) {
      also(lines)(b);
      FakeUnit running;
      running.active = "active";
      running.main_pid = pid;
      b.host.commands.add_unit(unit, running);
    };
  };
  const std::string systemd =
      "tcp LISTEN 0 4096 127.0.0.1:6001 0.0.0.0:* users:((\"systemd\",pid=1,fd=40))\n";
  const std::string wireguard = "udp UNCONN 0 0 0.0.0.0:51820 0.0.0.0:*\n";
  const std::string rqlite =
      "tcp LISTEN 0 4096 10.0.0.1:5001 0.0.0.0:* users:((\"rqlited\",pid=77,fd=9))\n";
  verify({
      {"ports", ok, "all free"},
      {"ports", fail, "443/tcp is held by nginx (process 812)",
       also("tcp LISTEN 0 511 0.0.0.0:443 0.0.0.0:* "
            "users:((\"nginx\",pid=812,fd=6),(\"nginx\",pid=811,fd=6))\n")},
      {"ports", fail, "443/tcp is held by dev (process 5)",
       also("tcp LISTEN 0 511 127.0.0.1:443 0.0.0.0:* users:((\"dev\",pid=5,fd=6))\n")},
      {"ports", ok, "all free",
       also("udp UNCONN 0 0 0.0.0.0:443 0.0.0.0:* users:((\"x\",pid=5,fd=6))\n")},
      {"ports", fail, "80/tcp is held by caddy (process 391)",
       [](Bench& b) { b.host.commands.unit("caddy.service").main_pid = 0; }},
      {"ports", fail, "51820/udp is held by the kernel", also(wireguard)},
      {"ports", ok, "all free",
       [=](Bench& b) {
         also(wireguard)(b);
         b.host.commands.on(
             "ip -j addr",
             R"([{"ifname":"orama0","addr_info":[{"local":"10.0.0.1","prefixlen":24}]}])");
       }},
      {"ports", ok, "all free", with_unit("orama-gateway.socket", 0, systemd)},
      {"ports", fail, "6001/tcp is held by systemd", also(systemd)},
      {"ports", ok, "all free", with_unit("orama-rqlite.service", 77, rqlite)},
      {"ports", fail, "5001/tcp is held by rqlited (process 77)", also(rqlite)},
      {"ports", ok, "all free",
       also("tcp LISTEN 0 9 192.168.1.1:5001 0.0.0.0:* users:((\"x\",pid=5,fd=6))\n")},
      {"ports", fail, "7001/tcp", also("tcp LISTEN 0 9 *:7001 *:* users:((\"x\",pid=5,fd=6))\n")},
      {"ports", fail, "6002/tcp",
       also("tcp LISTEN 0 9 [::]:6002 [::]:* users:((\"x\",pid=5,fd=6))\n")},
      {"ports", ok, "all free",
       also("udp UNCONN 0 0 0.0.0.0:53 0.0.0.0:* users:((\"dnsmasq\",pid=5,fd=6))\n")},
      {"ports", fail, "53/udp is held by dnsmasq",
       nameserver("udp UNCONN 0 0 0.0.0.0:53 0.0.0.0:* users:((\"dnsmasq\",pid=5,fd=6))\n")},
      {"ports", ok, "all free",
       nameserver(
           "udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:* users:((\"systemd-resolve\",pid=5,fd=6))\n")},
      {"ports", fail, "53/tcp", nameserver("tcp LISTEN 0 9 203.0.113.41:53 0.0.0.0:*\n")},
      {"ports", unknown, "ended with status 1", [](Bench& b) { b.host.commands.on("ss ", "", 1); }},
  });
}

TEST_CASE("a plain user cannot tell whose the ports are") {
  Bench bench;
  bench.host.commands.on("id -u", "1000\n");
  bench.host.commands.on("ss ", "tcp LISTEN 0 4096 *:80 *:*\n");
  const Finding finding = bench.run("ports");
  CHECK(finding.state == unknown);
  CHECK(finding.observed.ends_with("(only root sees by whom)"));
}

TEST_CASE("the fix for a taken port names the unit that holds it") {
  Bench bench;
  bench.host.commands.on("ss ", "tcp LISTEN 0 511 *:443 *:* users:((\"nginx\",pid=812,fd=6))\n");
  bench.host.files.put("/proc/812/cgroup", "0::/system.slice/nginx.service\n");
  CHECK(bench.run("ports").fix == "Run `systemctl disable --now nginx.service`.");
  bench.host.files.put("/proc/812/cgroup", "0::/user.slice/user-0.slice/session-1.scope\n");
  CHECK(bench.run("ports").fix == "Stop process 812.");
  bench.host.commands.on("ss ", "tcp LISTEN 0 511 *:443 *:*\n");
  CHECK(bench.run("ports").fix == "Find out with `ss -tulpn`, and stop what holds them.");
}

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
