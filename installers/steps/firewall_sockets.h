// What other programs print about SSH and TCP connections, read into values: ss, sshd, systemctl,
// /proc and SSH_CONNECTION. Pure; what is not understood is left out.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/mesh/ip_address.h"

namespace orama::installers {

// A line of `ss -H -tnp`. "*" and "0.0.0.0" give the unspecified address; a v4-mapped one is IPv4.
struct SocketLine {
  std::string state;  // LISTEN, ESTAB, …
  mesh::IpAddress local;
  int local_port = 0;
  bool any_family = false;  // "*:22": listens on IPv4 and IPv6
  std::optional<mesh::IpAddress> peer;
  int peer_port = 0;
  struct Holder {
    std::string program;
    int pid = 0, fd = 0;
  };
  std::vector<Holder> holders;
};
// Lines that are not understood are skipped.
std::vector<SocketLine> parse_ss(std::string_view text);

// Ports of `sshd -T`: "port 22" and "listenaddress [::]:22".
std::set<int> parse_sshd_ports(std::string_view text);
// Ports of `systemctl show --property=ActiveState,Listen`: "Listen=[::]:22 (Stream)"; none unless
// active.
std::set<int> parse_socket_unit_ports(std::string_view text);

struct SshSession {
  mesh::IpAddress peer, local;
  int local_port = 0;
};
// "203.0.113.5 50022 203.0.113.11 22"; nothing when it is anything else.
std::optional<SshSession> parse_ssh_connection(std::string_view text);

// /proc/PID/stat: "812 (sshd) S 800 …".
struct ProcessStatus {
  int pid = 0, parent = 0;
  std::string program;
};
std::optional<ProcessStatus> parse_process_status(std::string_view text);

}  // namespace orama::installers
