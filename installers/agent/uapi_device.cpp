#include "installers/agent/uapi_device.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"
#include "installers/agent/uapi_text.h"

namespace orama::installers {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) {
      close(number_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

Error socket_error(Errc code, const std::string& path, const char* what, int number) {
  return make_error(code,
                    std::string(what) + " " + path + ": " + std::generic_category().message(number),
                    "systemctl status orama-wireguard");
}

Result<void> wait_for(int descriptor, short events, Deadline deadline, const std::string& path) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd entry{descriptor, events, 0};
    const int ready = poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ready > 0) {
      return {};
    }
    if (ready == 0) {
      return make_error(Errc::timeout, "the WireGuard device behind " + path + " does not answer",
                        "systemctl status orama-wireguard");
    }
    if (errno != EINTR) {
      return socket_error(Errc::failed, path, "waiting for", errno);
    }
  }
}

Result<void> connect_to(int descriptor, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return make_error(Errc::invalid_argument, "the socket path " + path + " is too long");
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return socket_error(Errc::unreachable, path, "the WireGuard device is not there:", errno);
  }
  return {};
}

Result<void> send_all(int descriptor, std::string_view request, Deadline deadline,
                      const std::string& path) {
  while (!request.empty()) {
    TRY_VOID(wait_for(descriptor, POLLOUT, deadline, path));
    const ssize_t count =
        send(descriptor, request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) {
      request.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR && errno != EAGAIN) {
      return socket_error(Errc::unreachable, path, "writing to", errno);
    }
  }
  return {};
}

// Up to the empty line that ends an answer. Reserved at once, so that no copy of a key stays behind
// in memory that a growing string gave back.
Result<crypto::Secret> receive_answer(int descriptor, Deadline deadline, const std::string& path) {
  std::string answer;
  answer.reserve(kMaxUapiAnswer);
  std::array<char, 16384> buffer{};
  while (!answer.ends_with("\n\n")) {
    TRY_VOID(wait_for(descriptor, POLLIN, deadline, path));
    const ssize_t count = recv(descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count == 0) {
      break;  // cut off: the parser says so
    }
    if (count < 0) {
      if (errno == EINTR || errno == EAGAIN) {
        continue;
      }
      return socket_error(Errc::unreachable, path, "reading from", errno);
    }
    if (answer.size() + static_cast<std::size_t>(count) > kMaxUapiAnswer) {
      return make_error(Errc::too_large, "the answer of the WireGuard device is over 1 MiB");
    }
    answer.append(buffer.data(), static_cast<std::size_t>(count));
  }
  explicit_bzero(buffer.data(), buffer.size());
  return crypto::Secret(std::move(answer));
}

}  // namespace

Result<crypto::Secret> UapiDevice::exchange(std::string_view request) const {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout_;
  const Descriptor descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (descriptor.number() < 0) {
    return socket_error(Errc::failed, socket_path_, "opening a socket for", errno);
  }
  TRY_VOID(connect_to(descriptor.number(), socket_path_));
  TRY_VOID(send_all(descriptor.number(), request, deadline, socket_path_));
  return receive_answer(descriptor.number(), deadline, socket_path_);
}

Result<MeshDeviceState> UapiDevice::read() {
  TRY(answer, exchange("get=1\n\n"));
  return parse_uapi_get_answer(answer.reveal());
}

Result<void> UapiDevice::set_identity(const crypto::Secret& private_key, int listen_port) {
  const crypto::Secret request = uapi_identity_request(private_key, listen_port);
  TRY(answer, exchange(request.reveal()));
  return parse_uapi_set_answer(answer.reveal());
}

Result<void> UapiDevice::change_peers(const std::vector<MeshPeerChange>& changes) {
  if (changes.empty()) {
    return {};
  }
  TRY(request, uapi_peers_request(changes));
  TRY(answer, exchange(request));
  return parse_uapi_set_answer(answer.reveal());
}

}  // namespace orama::installers
