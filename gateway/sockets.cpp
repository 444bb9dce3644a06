#include "gateway/sockets.h"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "common/link/client.h"
#include "common/result.h"
#include "gateway/config.h"

namespace orama::gateway {
namespace {

constexpr int kBacklog = 4096;  // as the socket unit has it
constexpr mode_t kAdminSocketMode = 0660;

Error system_error(const std::string& what) {
  return make_error(Errc::failed, what + ": " + std::generic_category().message(errno));
}

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

SocketAddress to_sockaddr(const ListenAddress& listen) {
  SocketAddress out;
  if (listen.address.is_v4()) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(listen.port);
    address.sin_addr.s_addr = htonl(listen.address.v4());
    std::memcpy(&out.storage, &address, sizeof address);
    out.length = sizeof address;
  } else {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(listen.port);
    std::memcpy(&address.sin6_addr, listen.address.bytes().data(), sizeof address.sin6_addr);
    std::memcpy(&out.storage, &address, sizeof address);
    out.length = sizeof address;
  }
  return out;
}

Result<int> open_tcp(const ListenAddress& listen) {
  const std::string name = listen.address.for_url() + ":" + std::to_string(listen.port);
  const SocketAddress address = to_sockaddr(listen);
  const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  const bool prepared = fd >= 0 &&
                        ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                        ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 &&
                        ::setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on) == 0;
  if (!prepared ||
      ::bind(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0 ||
      ::listen(fd, kBacklog) != 0) {
    Error error = system_error("cannot listen on " + name);
    error.hint = "see who holds it: ss -ltnp";
    return error;
  }
  return fd;
}

bool somebody_listens(const sockaddr_un& address) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool answered =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return answered;
}

Result<int> open_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return make_error(Errc::invalid_argument, "the admin socket's path " + path +
                                                  " is too long, expected at most 107 bytes");
  }
  std::memcpy(static_cast<char*>(address.sun_path), path.c_str(), path.size() + 1);
  if (somebody_listens(address)) {
    return make_error(Errc::conflict, "another gateway answers on " + path,
                      "stop it, or give this one another folder (--data)");
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return system_error("cannot replace the stale socket " + path);
  }
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), kAdminSocketMode) != 0 || ::listen(fd, kBacklog) != 0) {
    return system_error("cannot listen on " + path);
  }
  return fd;
}

// 0 for what has none.
int port_of(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) {
    return 0;
  }
  if (storage.ss_family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, &storage, sizeof address);
    return ntohs(address.sin_port);
  }
  return 0;  // the mesh is IPv4 (architecture.md, Names): no link comes in elsewhere
}

}  // namespace

Result<ServiceSockets> activated_sockets() {
  const int count = sd_listen_fds(1);
  if (count < 0) {
    return make_error(Errc::failed, "cannot read the sockets that systemd passed: " +
                                        std::generic_category().message(-count));
  }
  ServiceSockets sockets;
  for (int i = 0; i < count; ++i) {
    const int fd = SD_LISTEN_FDS_START + i;
    (port_of(fd) == link::kLinkPort ? sockets.links : sockets.http).push_back(fd);
  }
  return sockets;
}

Result<ServiceSockets> open_sockets(const Config& config, std::size_t threads) {
  ServiceSockets sockets;
  for (const ListenAddress& listen : config.http.listen) {
    for (std::size_t i = 0; i < threads; ++i) {
      TRY(socket, open_tcp(listen));
      sockets.http.push_back(socket);
    }
  }
  TRY(admin, open_unix(config.http.admin_socket));
  sockets.http.push_back(admin);
  for (const ListenAddress& listen : config.links_listen) {
    TRY(socket, open_tcp(listen));
    sockets.links.push_back(socket);
  }
  return sockets;
}

}  // namespace orama::gateway
