#include "installers/steps/firewall_banner.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>

#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::installers {
namespace {

constexpr std::chrono::milliseconds kBannerTimeout{3000};
constexpr std::size_t kMaxBanner = 255;  // RFC 4253 4.2

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) {
      ::close(value_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

socklen_t socket_address(const mesh::IpAddress& address, int port, sockaddr_storage& storage) {
  if (address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<std::uint16_t>(port));
    v4.sin_addr.s_addr = htonl(address.v4());
    std::memcpy(&storage, &v4, sizeof v4);
    return sizeof v4;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(static_cast<std::uint16_t>(port));
  std::memcpy(&v6.sin6_addr, address.bytes().data(), address.bytes().size());
  std::memcpy(&storage, &v6, sizeof v6);
  return sizeof v6;
}

bool wait_for(int descriptor, short events, std::chrono::steady_clock::time_point deadline) {
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd poll_entry{descriptor, events, 0};
    const int ready =
        ::poll(&poll_entry, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready >= 0 || errno != EINTR) {
      return ready > 0;
    }
  }
}

std::string connect_and_read(const mesh::IpAddress& address, int port) {
  const auto deadline = std::chrono::steady_clock::now() + kBannerTimeout;
  const int kind = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const Descriptor socket(::socket(address.is_v4() ? AF_INET : AF_INET6, kind, 0));
  sockaddr_storage storage{};
  const socklen_t size = socket_address(address, port, storage);
  if (socket.get() < 0 ||
      (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&storage), size) != 0 &&
       errno != EINPROGRESS) ||
      !wait_for(socket.get(), POLLOUT, deadline)) {
    return {};
  }
  std::string banner;
  while (banner.size() < kMaxBanner && banner.find('\n') == std::string::npos &&
         wait_for(socket.get(), POLLIN, deadline)) {
    char bytes[kMaxBanner];
    const ssize_t got = ::recv(socket.get(), bytes, sizeof bytes, 0);
    if (got <= 0) {
      break;
    }
    banner.append(bytes, static_cast<std::size_t>(got));
  }
  return banner;
}

}  // namespace

Result<std::string> NamespaceBannerReader::read(const std::string& network_namespace,
                                                const mesh::IpAddress& address, int port) {
  const Descriptor target(
      ::open(("/run/netns/" + network_namespace).c_str(), O_RDONLY | O_CLOEXEC));
  if (target.get() < 0) {
    return make_error(Errc::failed, "opening network namespace " + network_namespace + ": " +
                                        std::strerror(errno));
  }
  std::string banner;
  int failure = 0;
  // setns moves one thread alone; this one ends with the probe.
  std::thread probe([&] {
    if (::setns(target.get(), CLONE_NEWNET) != 0) {
      failure = errno;
      return;
    }
    banner = connect_and_read(address, port);
  });
  probe.join();
  if (failure != 0) {
    return make_error(Errc::failed, "entering network namespace " + network_namespace + ": " +
                                        std::strerror(failure));
  }
  return banner;
}

}  // namespace orama::installers
