#include "installers/steps/member_link.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/crypto/encoding.h"
#include "common/join/messages.h"
#include "common/json.h"
#include "common/link/client.h"
#include "common/link/identity.h"
#include "common/result.h"
#include "installers/steps/cluster_link.h"
#include "installers/steps/node_keys.h"

namespace orama::installers {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kConnectWithin{3000};
constexpr milliseconds kAnswerWithin{20000};  // the member's agent seals, its registry commits

Error no_connection(const join::Peer& peer, int number) {
  return make_error(Errc::unreachable, "no connection to " + peer.mesh_ip.to_string() + ":" +
                                           std::to_string(link::kLinkPort) + ": " +
                                           std::generic_category().message(number));
}

// 0, or errno of what went wrong.
int connect_within(int descriptor, const sockaddr_in& address, milliseconds timeout) {
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return 0;
  }
  if (errno != EINPROGRESS) {
    return errno;
  }
  pollfd entry{descriptor, POLLOUT, 0};
  const int ready = poll(&entry, 1, static_cast<int>(timeout.count()));
  if (ready <= 0) {
    return ready == 0 ? ETIMEDOUT : errno;
  }
  int failure = 0;
  socklen_t size = sizeof failure;
  return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 ? failure : errno;
}

}  // namespace

Result<void> MemberLink::reach(const join::Peer& peer, milliseconds timeout) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) {
    return no_connection(peer, errno);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(link::kLinkPort);
  address.sin_addr.s_addr = htonl(peer.mesh_ip.v4());
  const int failure = connect_within(descriptor, address, timeout);
  close(descriptor);
  return failure == 0 ? Result<void>() : no_connection(peer, failure);
}

Result<LinkAnswer> MemberLink::call(const join::Peer& peer, const std::string& path,
                                    const nlohmann::json& body) {
  TRY(seed, read_key(host_, "node.key"));
  TRY(identity, link::LinkIdentity::from_seed(seed));
  link::LinkClient::Options options;
  options.address = peer.mesh_ip;
  TRY(key, crypto::from_base64(peer.node_key));
  options.peer_key = std::move(key);
  options.connect_within = kConnectWithin;
  options.interrupted = &interrupted_;
  const link::LinkClient client(std::move(identity), std::move(options));
  TRY(answer, client.call(path, body, kAnswerWithin));
  auto parsed = parse_json(answer.body);
  return LinkAnswer{answer.status, parsed.ok() ? std::move(parsed).value() : nlohmann::json()};
}

}  // namespace orama::installers
