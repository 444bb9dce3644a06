#include "gateway/health/mesh_probe.h"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::gateway::health {

Result<void> has_address(const mesh::IpAddress& address) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return make_error(Errc::failed, "cannot look for the mesh address: " +
                                        std::generic_category().message(errno));
  }
  sockaddr_in local{};
  local.sin_family = AF_INET;
  local.sin_addr.s_addr = htonl(address.v4());
  const int bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local);
  const int code = errno;
  ::close(fd);
  if (bound == 0) {
    return {};
  }
  if (code == EADDRNOTAVAIL) {
    return make_error(Errc::not_found,
                      "no interface has the mesh address " + address.to_string() + " yet");
  }
  return make_error(Errc::failed,
                    "cannot look for the mesh address: " + std::generic_category().message(code));
}

}  // namespace orama::gateway::health
