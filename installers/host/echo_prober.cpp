#include "installers/host/echo_prober.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::installers {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{500};
constexpr std::size_t kEchoHeader = 8, kIpv4Header = 20, kIpv6Header = 40;
constexpr std::size_t kLargest = 65535;

class Socket {
 public:
  explicit Socket(int family)
      : value_(::socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
                        family == AF_INET ? static_cast<int>(IPPROTO_ICMP)
                                          : static_cast<int>(IPPROTO_ICMPV6))) {}
  ~Socket() {
    if (value_ >= 0) {
      ::close(value_);
    }
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

Error failure(const std::string& what) {
  return make_error(Errc::failed,
                    what + " for an ICMP echo is refused: " + std::string(std::strerror(errno)));
}

bool set(int descriptor, int level, int option, int value) {
  return ::setsockopt(descriptor, level, option, &value, sizeof value) == 0;
}

// No packet of this socket is split, here or on the way.
bool forbid_fragments(int descriptor, const mesh::IpAddress& address) {
  if (address.is_v4()) {
    return set(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  }
  icmp6_filter filter{};
  ICMP6_FILTER_SETBLOCKALL(&filter);
  ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
  return set(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE) &&
         set(descriptor, IPPROTO_IPV6, IPV6_DONTFRAG, 1) &&
         ::setsockopt(descriptor, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter) == 0;
}

// Only packets of that address arrive on it from now on.
bool connect_to(int descriptor, const mesh::IpAddress& address) {
  if (address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(address.v4());
    return ::connect(descriptor, reinterpret_cast<const sockaddr*>(&v4), sizeof v4) == 0;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  std::memcpy(&v6.sin6_addr, address.bytes().data(), address.bytes().size());
  return ::connect(descriptor, reinterpret_cast<const sockaddr*>(&v6), sizeof v6) == 0;
}

// RFC 1071; the kernel fills in ICMPv6's.
std::uint16_t checksum(const std::vector<std::uint8_t>& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const std::uint32_t low = i + 1 < bytes.size() ? bytes[i + 1] : 0;
    sum += (static_cast<std::uint32_t>(bytes[i]) << 8U) | low;
  }
  while ((sum >> 16U) != 0) {
    sum = (sum & 0xffffU) + (sum >> 16U);
  }
  return static_cast<std::uint16_t>(~sum);
}

// Type, code, checksum, identifier, sequence (RFC 792, RFC 4443), then zeros.
std::vector<std::uint8_t> request(const mesh::IpAddress& address, std::size_t size,
                                  std::uint32_t number) {
  std::vector<std::uint8_t> bytes(size);
  bytes[0] = address.is_v4() ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
  const std::uint32_t order = htonl(number);
  std::memcpy(&bytes[4], &order, sizeof order);
  if (address.is_v4()) {
    const std::uint16_t sum = htons(checksum(bytes));
    std::memcpy(&bytes[2], &sum, sizeof sum);
  }
  return bytes;
}

// A raw IPv4 socket gives the IP header too.
bool is_answer(const std::vector<std::uint8_t>& sent, const std::uint8_t* got, std::size_t size,
               const mesh::IpAddress& address) {
  std::size_t skip = 0;
  if (address.is_v4()) {
    skip = size < kIpv4Header ? size : std::size_t{4} * (got[0] & 0x0fU);
  }
  const std::uint8_t reply = address.is_v4() ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;
  return size >= skip + sent.size() && got[skip] == reply &&
         std::equal(sent.begin() + 4, sent.end(), got + skip + 4);
}

// False: no answer in time, or a router or this host said that the packet is too large.
bool wait_for_answer(int descriptor, const std::vector<std::uint8_t>& sent,
                     const mesh::IpAddress& address) {
  const auto deadline = steady_clock::now() + kPatience;
  std::vector<std::uint8_t> got(kLargest);
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
    pollfd entry{descriptor, POLLIN, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready == 0 || (ready < 0 && errno != EINTR)) {
      return false;
    }
    const ssize_t size = ready < 0 ? -1 : ::recv(descriptor, got.data(), got.size(), 0);
    if (size >= 0 && is_answer(sent, got.data(), static_cast<std::size_t>(size), address)) {
      return true;
    }
    if (size < 0 && errno != EINTR && errno != EAGAIN) {
      return false;
    }
  }
}

// Told apart from the echoes of other processes, whose answers every raw socket sees.
std::uint32_t next_number() {
  static std::atomic<std::uint32_t> next{0};
  return (static_cast<std::uint32_t>(::getpid()) << 16U) | (next++ & 0xffffU);
}

}  // namespace

Result<bool> EchoProber::answers(const mesh::IpAddress& address, int bytes) {
  const std::size_t header = address.is_v4() ? kIpv4Header : kIpv6Header;
  const std::size_t whole = bytes < 0 ? 0 : static_cast<std::size_t>(bytes);
  if (whole < header + kEchoHeader || whole > kLargest) {
    return make_error(Errc::invalid_argument, std::to_string(bytes) + " bytes are no echo request");
  }
  const Socket socket(address.is_v4() ? AF_INET : AF_INET6);
  if (socket.get() < 0 || !forbid_fragments(socket.get(), address)) {
    return failure("a socket");
  }
  if (!connect_to(socket.get(), address)) {
    return false;  // there is no way to it
  }
  const std::vector<std::uint8_t> echo = request(address, whole - header, next_number());
  if (::send(socket.get(), echo.data(), echo.size(), 0) < 0) {
    return false;  // larger than this host's own link, or a firewall here
  }
  return wait_for_answer(socket.get(), echo, address);
}

}  // namespace orama::installers
