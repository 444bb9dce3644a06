#include "installers/steps/firewall_probe.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/command_runner.h"
#include "installers/host/host.h"

namespace orama::installers {
namespace {

constexpr const char* kHostEnd = "orama-proof0";
constexpr const char* kFarEnd = "orama-proof1";

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

}  // namespace

Result<std::string> free_prefix(std::string_view routes_json,
                                const std::vector<std::string>& candidates) {
  const nlohmann::json routes = parse_json(routes_json).value_or(nullptr);
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
