#include "installers/steps/firewall_sockets.h"

#include <set>

#include <doctest/doctest.h>

namespace orama::tests {
namespace {

using installers::parse_ss;
using Ports = std::set<int>;

// As iproute2 6.1 prints them.
constexpr const char* kListening =
    "LISTEN 0      128      0.0.0.0:22   0.0.0.0:* users:((\"sshd\",pid=52,fd=3))  \n"
    "LISTEN 0      4096   127.0.0.1:2019 0.0.0.0:* users:((\"caddy\",pid=391,fd=3))\n"
    "LISTEN 0      4096           *:80         *:* users:((\"caddy\",pid=391,fd=7))\n"
    "LISTEN 0      128         [::]:22      [::]:* users:((\"sshd\",pid=52,fd=4))  \n"
    "LISTEN 0      4096        *:2200       *:* "
    "users:((\"sshd\",pid=60,fd=3),(\"systemd\",pid=1,fd=40))\n"
    "LISTEN 0      128     127.0.0.1:6010 0.0.0.0:* users:((\"sshd\",pid=812,fd=9))\n"
    "LISTEN 0      128     0.0.0.0%eth0:2300 0.0.0.0:* users:((\"sshd\",pid=61,fd=3))\n";

TEST_CASE("lines of ss") {
  const auto lines = parse_ss(kListening);
  REQUIRE(lines.size() == 7);
  CHECK(lines[0].state == "LISTEN");
  CHECK(lines[0].local.to_string() == "0.0.0.0");
  CHECK(lines[0].local_port == 22);
  CHECK_FALSE(lines[0].peer.has_value());
  REQUIRE(lines[4].holders.size() == 2);
  CHECK(lines[4].any_family);
  CHECK(lines[4].holders[1].program == "systemd");
  CHECK(lines[4].holders[1].pid == 1);
  CHECK(lines[4].holders[1].fd == 40);
  CHECK(lines[6].local_port == 2300);

  const auto connected = parse_ss(
      "ESTAB 0 36 [::ffff:203.0.113.11]:22 [::ffff:198.51.100.9]:50022 "
      "users:((\"sshd\",pid=8,fd=4))\n"
      "ESTAB 0 0 [2001:db8::1]:22 [2001:db8::9]:40000\n"
      "ESTAB 0 0 [fe80::1%eth0]:22 [fe80::2%eth0]:40000\n");
  REQUIRE(connected.size() == 3);
  CHECK(connected[0].local.is_v4());
  CHECK(connected[0].peer->to_string() == "198.51.100.9");
  CHECK(connected[1].peer->to_string() == "2001:db8::9");
  CHECK(connected[2].local.to_string() == "fe80::1");

  for (const char* text :
       {"", "\n", "LISTEN", "LISTEN 0 0 nonsense nonsense", "ESTAB 0 0 1.2.3.4:99999 1.2.3.4:1",
        "ESTAB 0 0 [::1:22 :", "LISTEN 0 0 1.2.3.4:-1 *:*"}) {
    CAPTURE(text);
    CHECK(parse_ss(text).empty());
  }
  CHECK(parse_ss("LISTEN 0 0 *:22 *:* users:((\"sshd\",pid=").front().holders.empty());
}

TEST_CASE("ports of sshd -T") {
  CHECK(installers::parse_sshd_ports(
            "port 22\nport 2222\nlistenaddress [::]:22\n"
            "listenaddress 203.0.113.11:2022\nportforward 99\nport x\nport 70000\n") ==
        Ports{22, 2022, 2222});
  CHECK(installers::parse_sshd_ports("").empty());
}

TEST_CASE("ports of ssh.socket count while it is active") {
  CHECK(installers::parse_socket_unit_ports(
            "Listen=[::]:22 (Stream)\nListen=0.0.0.0:2222 (Stream)\nListen=/run/x "
            "(Stream)\nActiveState=active\n") == Ports{22, 2222});
  CHECK(installers::parse_socket_unit_ports("Listen=[::]:22 (Stream)\nActiveState=inactive\n")
            .empty());
}

TEST_CASE("SSH_CONNECTION") {
  const auto session = installers::parse_ssh_connection("198.51.100.9 50022 203.0.113.11 2222");
  REQUIRE(session.has_value());
  CHECK(session->peer.to_string() == "198.51.100.9");
  CHECK(session->local.to_string() == "203.0.113.11");
  CHECK(session->local_port == 2222);
  for (const char* text :
       {"", "198.51.100.9 50022 203.0.113.11", "a b c d", "198.51.100.9 50022 203.0.113.11 0",
        "198.51.100.9 50022 203.0.113.11 65536", "198.51.100.9 50022 203.0.113.11 22;reboot",
        "198.51.100.9 50022 203.0.113.11 22 extra"}) {
    CAPTURE(text);
    CHECK_FALSE(installers::parse_ssh_connection(text).has_value());
  }
}

TEST_CASE("/proc/PID/stat") {
  const auto status = installers::parse_process_status("899 (a shell) (x) S 812 1 1");
  REQUIRE(status.has_value());
  CHECK(status->pid == 899);
  CHECK(status->program == "a shell) (x");
  CHECK(status->parent == 812);
  for (const char* text : {"", "899", "899 (x", ") x (", "x (y) S 1", "899 (x) S", "899 (x) S y",
                           "8 9 (x) S 1", "-1 (x) S 1"}) {
    CAPTURE(text);
    CHECK_FALSE(installers::parse_process_status(text).has_value());
  }
}

}  // namespace
}  // namespace orama::tests
