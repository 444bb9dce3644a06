// What the firewall step reads of ufw, ss, sshd, systemctl, ip and SSH_CONNECTION.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "installers/steps/firewall_access.h"
#include "installers/steps/firewall_probe.h"
#include "installers/steps/firewall_proof.h"
#include "installers/steps/firewall_sockets.h"
#include "installers/steps/firewall_ufw.h"
#include "tests/fuzz/require.h"

namespace {

namespace installers = orama::installers;

void read_ufw(std::string_view text) {
  const auto rules = installers::parse_ufw_rules(text, installers::IpFamily::v4);
  if (!rules.ok()) {
    return;
  }
  for (const installers::UfwRule& rule : *rules) {
    FUZZ_REQUIRE(!rule.to_string().empty());
    // Never open to a probe and yet bound without a word about it.
    if (rule.is_bound()) {
      const installers::SshAccess access = installers::ssh_access({rule}, installers::IpFamily::v4,
                                                                  22, installers::UfwState::on, {});
      FUZZ_REQUIRE(access.verdict != installers::SshAccess::Verdict::open);
    }
  }
}

void read_wanted(std::string_view text) {
  const auto rule = installers::WantedRule::parse(text);
  if (rule.ok()) {
    FUZZ_REQUIRE(rule->to_string() == text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_ufw(text);
  read_wanted(text);
  for (const installers::SocketLine& line : installers::parse_ss(text)) {
    FUZZ_REQUIRE(line.local_port >= 0 && line.local_port <= 65535);
  }
  for (const int port : installers::parse_sshd_ports(text)) {
    FUZZ_REQUIRE(port >= 1 && port <= 65535);
  }
  for (const int port : installers::parse_socket_unit_ports(text)) {
    FUZZ_REQUIRE(port >= 1 && port <= 65535);
  }
  if (const auto session = installers::parse_ssh_connection(text)) {
    FUZZ_REQUIRE(session->local_port >= 1 && session->local_port <= 65535);
  }
  if (const auto process = installers::parse_process_status(text)) {
    FUZZ_REQUIRE(process->pid >= 1 && process->parent >= 0);
  }
  static_cast<void>(installers::parse_host_addresses(text));
  static_cast<void>(installers::free_prefix(text, {"192.0.2.252/30"}));
  return 0;
}
