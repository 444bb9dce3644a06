#include "installers/steps/firewall_ssh.h"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "tests/unit/installers/edge/fake_ufw.h"

namespace orama::tests {
namespace {

using installers::parse_ss;
using installers::survey_ssh;
using Ports = std::set<int>;

installers::SshSurvey surveyed(FakeUfwHost& host) {
  auto survey = survey_ssh(host.host);
  REQUIRE(survey.ok());
  return *survey;
}

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

TEST_CASE("every source adds its ports; what sshd forwards on the loopback does not count") {
  FakeUfwHost host;
  host.commands.on("sshd -T", "port 2022\n");
  host.commands.on("ss -H -tlnp", kListening);
  host.commands.on("systemctl show --property=ActiveState,Listen ssh.socket",
                   "Listen=[::]:2400 (Stream)\nActiveState=active\n");
  const auto survey = surveyed(host);
  CHECK(survey.ports == Ports{22, 2022, 2200, 2300, 2400});
  CHECK(survey.listening == Ports{22, 2200, 2300});
  CHECK(survey.listens_v4);
  CHECK(survey.listens_v6);
  CHECK(survey.sessions.empty());
}

TEST_CASE("the present session's port is found under sudo, by a parent's SSH_CONNECTION") {
  FakeUfwHost host;
  host.commands.on("sshd -T", "", 255, "sshd: no hostkeys available -- exiting.");
  host.commands.on("ss -H -tlnp", "");
  host.files.put("/proc/self/stat", "900 (orama) S 899 900 900 0");
  host.files.put("/proc/self/environ", "PATH=/usr/bin\0HOME=/root\0");
  host.files.put("/proc/899/stat", "899 (a shell) (x) S 812 1 1");
  host.files.put("/proc/899/environ",
                 std::string("A=1\0SSH_CONNECTION=198.51.100.9 50022 203.0.113.11 2222\0B=2", 64));
  host.files.put("/proc/812/stat", "812 (sshd) S 1 1 1");
  CHECK(surveyed(host).ports == Ports{2222});
}

TEST_CASE(
    "the present session's port is found by a parent that is sshd, not by what that one forwards") {
  FakeUfwHost host;
  host.commands.on("sshd -T", "", 255, "");
  host.commands.on("ss -H -tlnp", "");
  host.commands.on("ss -H -tnp",
                   "ESTAB 0 0 203.0.113.11:41000 192.0.2.5:5432 users:((\"sshd\",pid=812,fd=11))\n"
                   "ESTAB 0 0 203.0.113.11:2222 198.51.100.9:50022 "
                   "users:((\"sshd\",pid=812,fd=4),(\"sshd\",pid=800,fd=4))\n");
  host.files.put("/proc/self/stat", "900 (orama) S 812 900 900 0");
  host.files.put("/proc/812/stat", "812 (sshd) S 800 1 1");
  host.files.put("/proc/800/stat", "800 (sshd) S 1 1 1");
  const auto survey = surveyed(host);
  CHECK(survey.ports == Ports{2222});
  REQUIRE(survey.sessions.size() == 1);
  CHECK(survey.sessions[0].peer.to_string() == "198.51.100.9");
}

TEST_CASE("sessions are connections from elsewhere to an SSH port") {
  FakeUfwHost host;
  host.commands.on(
      "ss -H -tnp",
      "ESTAB 0 0 203.0.113.11:22 198.51.100.9:50022 users:((\"sshd\",pid=8,fd=4))\n"
      "ESTAB 0 0 127.0.0.1:22 127.0.0.1:50022 users:((\"sshd\",pid=9,fd=4))\n"
      "ESTAB 0 0 203.0.113.11:22 203.0.113.11:50023 users:((\"sshd\",pid=9,fd=4))\n"
      "ESTAB 0 0 203.0.113.11:443 198.51.100.9:50022 users:((\"caddy\",pid=9,fd=4))\n");
  const auto survey = surveyed(host);
  REQUIRE(survey.sessions.size() == 1);
  CHECK(survey.sessions[0].local.to_string() == "203.0.113.11");
  CHECK(survey.sessions[0].local_port == 22);
}

}  // namespace
}  // namespace orama::tests
