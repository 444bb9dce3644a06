#include "installers/steps/firewall_probe.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/command_runner.h"
#include "installers/host/host.h"

namespace orama::installers {
namespace {

constexpr const char* kHostEnd = "orama-proof0";
constexpr const char* kFarEnd = "orama-proof1";
constexpr std::chrono::milliseconds kBannerTimeout{3000};
constexpr std::size_t kMaxBanner = 255;  // RFC 4253 4.2

// The last /30 of ranges that are set aside for documents, measuring and private use.
const std::vector<std::string>& candidates_v4() {
  static const std::vector<std::string> kCandidates = {"192.0.2.252/30", "198.51.100.252/30",
                                                       "198.19.255.252/30", "172.31.255.252/30",
                                                       "10.255.255.252/30"};
  return kCandidates;
}

const std::vector<std::string>& candidates_v6() {
  static const std::vector<std::string> kCandidates = {
      "fd6f:7261:6d61:fffe::/126", "fd6f:7261:6d61:fffd::/126", "fd6f:7261:6d61:fffc::/126"};
  return kCandidates;
}

struct Range {
  mesh::IpAddress address;
  int bits = 0;
};

std::optional<Range> range_of(std::string_view text) {
  const std::size_t slash = text.find('/');
  const Result<mesh::IpAddress> address = mesh::IpAddress::parse(text.substr(0, slash));
  if (!address.ok()) {
    return std::nullopt;
  }
  Range range{*address, address->is_v4() ? 32 : 128};
  if (slash != std::string_view::npos) {
    const std::string_view bits = text.substr(slash + 1);
    std::from_chars(bits.data(), bits.data() + bits.size(), range.bits);
  }
  return range;
}

bool overlap(const Range& one, const Range& other) {
  if (one.address.is_v4() != other.address.is_v4()) {
    return false;
  }
  const int bits = std::min(one.bits, other.bits);
  for (int bit = 0; bit < bits; ++bit) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    const int mask = 0x80 >> (bit % 8);
    if ((one.address.bytes()[byte] & mask) != (other.address.bytes()[byte] & mask)) {
      return false;
    }
  }
  return true;
}

// The n-th address of a prefix whose last byte has room for it.
std::string address_in(const std::string& prefix, int n) {
  const Range range = range_of(prefix).value();
  if (range.address.is_v4()) {
    return mesh::IpAddress::from_v4(range.address.v4() + static_cast<std::uint32_t>(n)).to_string();
  }
  return prefix.substr(0, prefix.find('/')) + std::to_string(n);  // the prefix text ends with "::"
}

Result<void> run_ip(Host& host, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "ip");
  const Result<std::string> out = run_checked(host.commands, Command(std::move(arguments)));
  return out.ok() ? Result<void>() : Result<void>(out.error());
}

struct Addresses {
  std::string v4_prefix, v6_prefix;  // v6 "" where the host has IPv6 switched off
};

Result<void> raise_v4(Host& host, const std::string& prefix) {
  const std::string name = ProbeNetwork::kName;
  const std::string near = address_in(prefix, 1);
  TRY_VOID(run_ip(host, {"addr", "add", near + "/30", "dev", kHostEnd}));
  TRY_VOID(
      run_ip(host, {"-n", name, "addr", "add", address_in(prefix, 2) + "/30", "dev", kFarEnd}));
  return run_ip(host, {"-n", name, "route", "add", "default", "via", near});
}

Result<void> raise_v6(Host& host, const std::string& prefix) {
  const std::string name = ProbeNetwork::kName;
  const std::string near = address_in(prefix, 1);
  TRY_VOID(run_ip(host, {"-6", "addr", "add", near + "/126", "dev", kHostEnd, "nodad"}));
  TRY_VOID(run_ip(host, {"-n", name, "-6", "addr", "add", address_in(prefix, 2) + "/126", "dev",
                         kFarEnd, "nodad"}));
  return run_ip(host, {"-n", name, "-6", "route", "add", "default", "via", near});
}

Result<void> raise(Host& host) {
  const std::string name = ProbeNetwork::kName;
  TRY(v4_routes,
      run_checked(host.commands, Command({"ip", "-j", "-4", "route", "show", "table", "all"})));
  TRY(v6_routes,
      run_checked(host.commands, Command({"ip", "-j", "-6", "route", "show", "table", "all"})));
  TRY(v4_prefix, free_prefix(v4_routes, candidates_v4()));
  TRY(v6_prefix, free_prefix(v6_routes, candidates_v6()));
  TRY_VOID(run_ip(host, {"netns", "add", name}));
  TRY_VOID(run_ip(
      host, {"link", "add", kHostEnd, "type", "veth", "peer", "name", kFarEnd, "netns", name}));
  TRY_VOID(run_ip(host, {"link", "set", kHostEnd, "up"}));
  TRY_VOID(run_ip(host, {"-n", name, "link", "set", kFarEnd, "up"}));
  TRY_VOID(raise_v4(host, v4_prefix));
  if (v6_routes.find("::1") !=
      std::string::npos) {  // no IPv6 in the kernel: nothing to prove over it
    TRY_VOID(raise_v6(host, v6_prefix));
  }
  return {};
}

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

Result<std::string> free_prefix(std::string_view routes_json,
                                const std::vector<std::string>& candidates) {
  const auto routes = nlohmann::json::parse(routes_json, nullptr, /*allow_exceptions=*/false);
  if (!routes.is_array()) {
    return make_error(Errc::failed, "`ip -j route show table all` gave no list of routes");
  }
  for (const std::string& candidate : candidates) {
    const Range wanted = range_of(candidate).value();
    const bool taken = std::any_of(routes.begin(), routes.end(), [&](const nlohmann::json& route) {
      const bool named = route.is_object() && route.contains("dst") && route["dst"].is_string();
      const auto range = named ? range_of(route["dst"].get<std::string>()) : std::nullopt;
      return range && range->bits > 0 && overlap(*range, wanted);
    });
    if (!taken) {
      return candidate;
    }
  }
  return make_error(Errc::failed, "every address range for the firewall probe is routed elsewhere");
}

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

// The veth pair goes with the namespace, unless that is gone already; both may be absent.
void ProbeNetwork::remove_leftovers(Host& host) {
  static_cast<void>(run_ip(host, {"netns", "del", kName}));
  static_cast<void>(run_ip(host, {"link", "del", kHostEnd}));
}

Result<ProbeNetwork> ProbeNetwork::make(Host& host) {
  remove_leftovers(host);
  ProbeNetwork network(host);
  TRY_VOID(raise(host).while_doing("raising the network namespace of the firewall probe"));
  return network;
}

ProbeNetwork::ProbeNetwork(ProbeNetwork&& other) noexcept
    : host_(std::exchange(other.host_, nullptr)) {}

ProbeNetwork::~ProbeNetwork() {
  if (host_ != nullptr) {
    remove_leftovers(*host_);
  }
}

}  // namespace orama::installers
