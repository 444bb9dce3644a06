#include "cli/dev/dev_ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <string>
#include <vector>

#include "common/result.h"
#include "installers/dev/descriptor.h"
#include "installers/dev/dev_plan.h"
#include "installers/paths.h"
#include "installers/preflight/ports.h"

namespace orama::cli {
namespace {

bool is_free(const DevAddress& wanted) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(wanted.port));
  if (inet_pton(AF_INET, wanted.address.c_str(), &address.sin_addr) != 1) {
    return false;
  }
  const installers::Descriptor probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  // Connections of an earlier run that still fade away are in nobody's way.
  return probe.valid() && setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
         bind(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
         listen(probe.get(), 1) == 0;
}

}  // namespace

Result<void> check_ports_free(const std::vector<DevAddress>& addresses) {
  std::string taken;
  for (const DevAddress& wanted : addresses) {
    if (!is_free(wanted)) {
      taken += (taken.empty() ? "" : ", ") + wanted.address + ":" + std::to_string(wanted.port);
    }
  }
  if (taken.empty()) {
    return {};
  }
  return make_error(Errc::conflict,
                    "other programs hold ports that the development cluster needs: " + taken +
                        "; nothing was started",
                    "see who holds them: ss -ltnp; stop that, then type the same command again");
}

Result<std::vector<DevAddress>> dev_addresses(std::size_t nodes) {
  std::vector<DevAddress> all;
  for (std::size_t number = 1; number <= nodes; ++number) {
    TRY(spec, installers::dev_node_spec(number));
    for (const int port : installers::mesh_ports(spec)) {
      all.push_back({spec.mesh_ip.to_string(), port});
    }
    const std::string local = installers::dev_local_listen(number);
    const std::size_t colon = local.find(':');
    all.push_back({local.substr(0, colon), std::stoi(local.substr(colon + 1))});
  }
  return all;
}

std::vector<DevAddress> embedded_addresses() {
  return {{"127.0.0.1", installers::paths::kGatewayPort}};
}

}  // namespace orama::cli
