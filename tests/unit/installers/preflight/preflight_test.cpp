// What the machine is and who holds its ports: each check in its states.
#include "installers/preflight/preflight.h"

#include <doctest/doctest.h>
#include <chrono>
#include <vector>

#include "common/result.h"
#include "installers/host/command_runner.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/preflight/bench.h"

namespace orama::tests {
namespace {

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
      "tcp LISTEN 0 4096 127.0.0.1:6001 0.0.0.0:* users:((\"systemd\",pid=1,fd=40))\n"
      "tcp LISTEN 0 4096 10.0.0.1:6002 0.0.0.0:* users:((\"systemd\",pid=1,fd=41))\n";
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

}  // namespace
}  // namespace orama::tests
