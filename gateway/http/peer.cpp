#include "gateway/http/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/http/exchange.h"
#include "gateway/http/message.h"

namespace orama::gateway::http {

namespace {

union SocketAddress {
  sockaddr_storage storage{};
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

Error system_error(const char* what) {
  return make_error(Errc::failed, std::string(what) + ": " + std::strerror(errno));
}

Result<mesh::IpAddress> address_of(const SocketAddress& from) {
  if (from.any.sa_family == AF_INET) {
    return mesh::IpAddress::from_v4(ntohl(from.v4.sin_addr.s_addr));
  }
  if (IN6_IS_ADDR_V4MAPPED(&from.v6.sin6_addr)) {
    in_addr_t v4 = 0;
    std::memcpy(&v4, &from.v6.sin6_addr.s6_addr[12], sizeof v4);
    return mesh::IpAddress::from_v4(ntohl(v4));
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, &from.v6.sin6_addr, text.data(), text.size());
  return mesh::IpAddress::parse(text.data());
}

Result<PeerCredentials> credentials_of(int descriptor) {
  ucred identity{};
  socklen_t size = sizeof identity;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &identity, &size) != 0) {
    return system_error("reading the peer's credentials");
  }
  PeerCredentials credentials;
  credentials.uid = identity.uid;
  std::vector<gid_t> groups(64);
  while (true) {
    size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0) {
      break;
    }
    if (errno != ERANGE) {
      return system_error("reading the peer's groups");
    }
    groups.resize(size / sizeof(gid_t));
  }
  groups.resize(size / sizeof(gid_t));
  groups.push_back(identity.gid);  // not among the supplementary ones
  credentials.groups = std::move(groups);
  return credentials;
}

}  // namespace

Result<ListeningSocket> describe_listener(int descriptor) {
  int listens = 0;
  int type = 0;
  socklen_t size = sizeof listens;
  if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0 ||
      getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM) {
    return make_error(Errc::invalid_argument, "descriptor " + std::to_string(descriptor) +
                                                  " is no listening stream socket");
  }
  SocketAddress local;
  size = sizeof local;
  if (getsockname(descriptor, &local.any, &size) != 0) {
    return system_error("reading a listener's address");
  }
  ListeningSocket socket{descriptor, local.any.sa_family, {}};
  if (socket.family == AF_UNIX) {
    socket.address = "unix:" + std::to_string(descriptor);
    return socket;
  }
  if (socket.family != AF_INET && socket.family != AF_INET6) {
    return make_error(Errc::invalid_argument,
                      "descriptor " + std::to_string(descriptor) +
                          " listens on an address family that is neither IP nor unix");
  }
  TRY(address, address_of(local));
  // The port lies at the same place in both families.
  socket.address = address.for_url() + ":" + std::to_string(ntohs(local.v4.sin_port));
  return socket;
}

Result<Peer> read_peer(int descriptor) {
  SocketAddress remote;
  socklen_t size = sizeof remote;
  if (getpeername(descriptor, &remote.any, &size) != 0) {
    return system_error("reading the peer's address");
  }
  Peer peer;
  if (remote.any.sa_family == AF_UNIX) {
    TRY(credentials, credentials_of(descriptor));
    peer.credentials = std::move(credentials);
    return peer;
  }
  TRY(address, address_of(remote));
  peer.address = address;
  return peer;
}

}  // namespace orama::gateway::http
