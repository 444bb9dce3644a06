#include "installers/preflight/listening_sockets.h"

#include <charconv>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace orama::installers {
namespace {

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional<int>(value)
                                                                  : std::nullopt;
}

// "127.0.0.53%lo:53", "[::]:22", "*:80"
bool set_address(ListeningSocket& socket, std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return false;
  }
  const auto port = number(text.substr(colon + 1));
  std::string_view address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  socket.address = address.substr(0, address.find('%'));
  socket.port = port.value_or(0);
  return port.has_value() && !socket.address.empty();
}

// users:(("caddy",pid=391,fd=7),("systemd",pid=1,fd=40))
std::vector<ListeningSocket::Owner> owners_of(std::string_view text) {
  std::vector<ListeningSocket::Owner> owners;
  constexpr std::string_view kPid = "\",pid=";
  while (true) {
    const std::size_t open = text.find("(\"");
    const std::size_t pid = text.find(kPid);
    if (open == std::string_view::npos || pid == std::string_view::npos || pid < open + 2) {
      return owners;
    }
    std::string program(text.substr(open + 2, pid - open - 2));
    text.remove_prefix(pid + kPid.size());
    owners.push_back({std::move(program), number(text.substr(0, text.find(','))).value_or(0)});
  }
}

}  // namespace

std::vector<ListeningSocket> parse_listening_sockets(std::string_view ss_output) {
  std::vector<ListeningSocket> sockets;
  std::istringstream lines{std::string(ss_output)};
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    ListeningSocket socket;
    std::string state;
    std::string receive;
    std::string send;
    std::string local;
    std::string peer;
    if (!(fields >> socket.protocol >> state >> receive >> send >> local >> peer) ||
        !set_address(socket, local)) {
      continue;
    }
    std::string users;
    std::getline(fields, users);
    socket.owners = owners_of(users);
    sockets.push_back(std::move(socket));
  }
  return sockets;
}

}  // namespace orama::installers
