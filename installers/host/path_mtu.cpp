#include "installers/host/path_mtu.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/files.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

constexpr const char* kField = "mesh_mtu";
constexpr int kTries = 3;  // a path may lose a packet for another reason than its size

Result<bool> passes(PathProber& prober, const mesh::IpAddress& address, int mtu) {
  for (int i = 0; i < kTries; ++i) {
    TRY(answered, prober.answers(address, mtu + wireguard_overhead(address)));
    if (answered) {
      return true;
    }
  }
  return false;
}

}  // namespace

int wireguard_overhead(const mesh::IpAddress& address) {
  constexpr int kIpv4 = 20, kIpv6 = 40, kUdp = 8, kWireguard = 32;  // type, index, counter, tag
  return (address.is_v4() ? kIpv4 : kIpv6) + kUdp + kWireguard;
}

Result<int> measure_mesh_mtu(PathProber& prober, const mesh::IpAddress& address, int most) {
  TRY(whole, passes(prober, address, most));
  if (whole) {
    return std::max(most, kSmallestMeshMtu);
  }
  int low = kSmallestMeshMtu, high = most;  // low passes, high does not
  TRY(smallest, passes(prober, address, low));
  if (!smallest) {
    return kSmallestMeshMtu;
  }
  while (high - low > 1) {
    const int middle = low + (high - low) / 2;
    TRY(passed, passes(prober, address, middle));
    (passed ? low : high) = middle;
  }
  return low;
}

std::optional<int> saved_mesh_mtu(Files& files) {
  const auto text = files.read(paths::kPathMtu);
  if (!text.ok() && text.error().code == Errc::not_found) {
    return std::nullopt;
  }
  const auto body = text.ok() ? parse_json(*text) : Result<nlohmann::json>(text.error());
  if (!body.ok() || !body->is_object()) {
    return kSmallestMeshMtu;
  }
  const auto field = body->find(kField);
  return field != body->end() && field->is_number_integer()
             ? std::max(field->get<int>(), kSmallestMeshMtu)
             : kSmallestMeshMtu;
}

Result<void> save_mesh_mtu(Files& files, int mtu) {
  return files.write(paths::kPathMtu, nlohmann::json{{kField, mtu}}.dump() + "\n",
                     {0644, "root", "root"});
}

int smaller_mtu(int by_uplink, std::optional<int> saved) {
  return std::min(by_uplink, saved.value_or(by_uplink));
}

}  // namespace orama::installers
