#include "installers/steps/firewall_sockets.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::installers {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while ((at = line.find_first_not_of(" \t\r", at)) != std::string_view::npos) {
    const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::optional<int> number_in(std::string_view text, int low, int high) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && low <= value && value <= high ? std::optional<int>(value) : std::nullopt;
}

std::optional<int> port_of(std::string_view text) {
  return number_in(text, 1, 65535);
}

// "::ffff:203.0.113.5" is an IPv4 connection of a socket for both families.
std::optional<mesh::IpAddress> address_of(std::string_view text) {
  constexpr std::string_view kMapped = "::ffff:";
  if (text.starts_with(kMapped) && text.find('.') != std::string_view::npos) {
    text.remove_prefix(kMapped.size());
  }
  text = text.substr(0, text.find('%'));  // zone of a link-local address, or "0.0.0.0%eth0"
  Result<mesh::IpAddress> address = mesh::IpAddress::parse(text);
  return address.ok() ? std::optional<mesh::IpAddress>(*address) : std::nullopt;
}

struct Endpoint {
  mesh::IpAddress address;
  int port = 0;
  bool any_family = false;
};

// "0.0.0.0:22", "[::]:22", "*:22", "[::ffff:1.2.3.4]:22"; port "*" of a listener's peer is 0.
std::optional<Endpoint> endpoint_of(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  Endpoint endpoint;
  endpoint.port = port == "*" ? 0 : port_of(port).value_or(-1);
  if (endpoint.port < 0) {
    return std::nullopt;
  }
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    host = host.substr(1, end == std::string_view::npos ? end : end - 1);
  }
  endpoint.any_family = host == "*";
  const auto address = endpoint.any_family ? address_of("::") : address_of(host);
  if (!address) {
    return std::nullopt;
  }
  endpoint.address = *address;
  return endpoint;
}

// users:(("sshd",pid=52,fd=3),("systemd",pid=1,fd=40))
std::vector<SocketLine::Holder> holders_of(std::string_view text) {
  std::vector<SocketLine::Holder> holders;
  std::size_t at = 0;
  while ((at = text.find("(\"", at)) != std::string_view::npos) {
    at += 2;
    const std::size_t name_end = text.find("\",pid=", at);
    if (name_end == std::string_view::npos) {
      break;
    }
    SocketLine::Holder holder{std::string(text.substr(at, name_end - at)), 0, 0};
    const std::size_t pid_at = name_end + 6;
    const std::size_t comma = text.find(",fd=", pid_at);
    const std::size_t end = text.find(')', pid_at);
    if (comma == std::string_view::npos || end == std::string_view::npos || end < comma + 4) {
      break;
    }
    holder.pid = number_in(text.substr(pid_at, comma - pid_at), 1, 1 << 30).value_or(0);
    holder.fd = number_in(text.substr(comma + 4, end - comma - 4), 0, 1 << 30).value_or(-1);
    holders.push_back(std::move(holder));
    at = end;
  }
  return holders;
}

}  // namespace

std::vector<SocketLine> parse_ss(std::string_view text) {
  std::vector<SocketLine> sockets;
  for (const std::string_view line : lines_of(text)) {
    const auto words = words_of(line);
    if (words.size() < 5) {
      continue;
    }
    const auto local = endpoint_of(words[3]);
    const auto peer = endpoint_of(words[4]);
    if (!local || !peer) {
      continue;
    }
    SocketLine socket;
    socket.state = words[0];
    socket.local = local->address;
    socket.local_port = local->port;
    socket.any_family = local->any_family;
    if (!peer->address.is_unspecified()) {
      socket.peer = peer->address;
    }
    socket.peer_port = peer->port;
    socket.holders = words.size() > 5 ? holders_of(words[5]) : std::vector<SocketLine::Holder>();
    sockets.push_back(std::move(socket));
  }
  return sockets;
}

std::set<int> parse_sshd_ports(std::string_view text) {
  std::set<int> ports;
  for (const std::string_view line : lines_of(text)) {
    const auto words = words_of(line);
    if (words.size() != 2 || (words[0] != "port" && words[0] != "listenaddress")) {
      continue;
    }
    const std::string_view value = words[1];
    const auto port = port_of(words[0] == "port" ? value : value.substr(value.rfind(':') + 1));
    if (port) {
      ports.insert(*port);
    }
  }
  return ports;
}

std::set<int> parse_socket_unit_ports(std::string_view text) {
  std::set<int> ports;
  if (text.find("ActiveState=active") == std::string_view::npos) {
    return ports;
  }
  for (std::string_view line : lines_of(text)) {
    constexpr std::string_view kListen = "Listen=";
    if (line.starts_with(kListen)) {
      line.remove_prefix(kListen.size());
    }
    const auto words = words_of(line);
    if (words.size() == 2 && words[1] == "(Stream)") {
      if (const auto port = port_of(words[0].substr(words[0].rfind(':') + 1))) {
        ports.insert(*port);
      }
    }
  }
  return ports;
}

std::optional<SshSession> parse_ssh_connection(std::string_view text) {
  const auto words = words_of(text);
  if (words.size() != 4) {
    return std::nullopt;
  }
  const auto peer = address_of(words[0]);
  const auto local = address_of(words[2]);
  const auto port = port_of(words[3]);
  if (!peer || !local || !port || !port_of(words[1])) {
    return std::nullopt;
  }
  return SshSession{*peer, *local, *port};
}

std::optional<ProcessStatus> parse_process_status(std::string_view text) {
  // The name may hold spaces and brackets, so the last ")" ends it.
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  const auto before = words_of(text.substr(0, open));
  const auto after = words_of(text.substr(close + 1));
  if (before.size() != 1 || after.size() < 2) {
    return std::nullopt;
  }
  const auto pid = number_in(before[0], 1, 1 << 30);
  const auto parent = number_in(after[1], 0, 1 << 30);
  if (!pid || !parent) {
    return std::nullopt;
  }
  return ProcessStatus{*pid, *parent, std::string(text.substr(open + 1, close - open - 1))};
}

}  // namespace orama::installers
