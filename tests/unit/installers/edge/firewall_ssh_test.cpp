#include "installers/steps/firewall_ssh.h"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "tests/unit/installers/edge/fake_ufw.h"

namespace orama::tests {
namespace {

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
                 std::string("A=1\0SSH_CONNECTION=198.51.100.9 50022 203.0.113.11 2222\0B=2", 59));
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
