#include "installers/agent/uapi_text.h"

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/mesh/endpoint.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"

namespace orama::installers {
namespace {

constexpr std::size_t kKeyBytes = 32;

template <class Number>
Result<Number> parse_number(std::string_view key, std::string_view text) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) {
    return make_error(Errc::failed, "the WireGuard device answered " + std::string(key) +
                                        " with something that is not a number in range");
  }
  return number;
}

Result<std::string> parse_hex_key(std::string_view key, std::string_view text) {
  auto bytes = crypto::from_hex(text);
  if (!bytes.ok() || bytes->size() != kKeyBytes) {
    return make_error(Errc::failed, "the WireGuard device answered " + std::string(key) +
                                        " with something that is not 64 hex digits");
  }
  return bytes;
}

// Only a /32 names a node; anything else on the device was not put there by the agent.
std::optional<mesh::IpAddress> parse_single_address(std::string_view text) {
  constexpr std::string_view kSuffix = "/32";
  if (!text.ends_with(kSuffix)) {
    return std::nullopt;
  }
  auto address = mesh::IpAddress::parse(text.substr(0, text.size() - kSuffix.size()));
  return address.ok() && address->is_v4() ? std::optional(*address) : std::nullopt;
}

struct Line {
  std::string_view key, value;
};

// Calls `each` for every line up to the empty one that ends an answer; gives the value of errno=.
Result<int> for_each_line(std::string_view text,
                          const std::function<Result<void>(const Line&)>& each) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      break;
    }
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) {
      return make_error(Errc::failed, "the WireGuard device answered a line without `=`");
    }
    const Line parsed{line.substr(0, equals), line.substr(equals + 1)};
    if (parsed.key == "errno") {
      if (text != "\n") {
        return make_error(Errc::failed, "the WireGuard device's answer does not end after errno=");
      }
      return parse_number<int>("errno", parsed.value);
    }
    TRY_VOID(each(parsed));
  }
  return make_error(Errc::failed, "the WireGuard device's answer is cut off: it has no errno=");
}

Result<void> check_errno(int number) {
  if (number == 0) {
    return {};
  }
  const int positive = number < 0 && number > -4096 ? -number : number;
  return make_error(Errc::failed, "the WireGuard device refused the request: errno " +
                                      std::to_string(number) + " (" +
                                      std::generic_category().message(positive) + ")");
}

Result<void> read_device_line(const Line& line, MeshDeviceState& state) {
  if (line.key == "private_key") {
    auto bytes = parse_hex_key(line.key, line.value);
    if (!bytes.ok()) {
      return std::move(bytes).error();
    }
    TRY(pair, crypto::x25519_from_private(crypto::Secret(std::move(bytes).value())));
    state.public_key = pair.public_key;
  } else if (line.key == "listen_port") {
    TRY(port, parse_number<std::uint16_t>(line.key, line.value));
    state.listen_port = port;
  }
  return {};
}

Result<void> read_peer_line(const Line& line, MeshPeer& peer) {
  if (line.key == "endpoint") {
    // A link-local one carries a zone, which is no address of a member: shown as unknown.
    const auto endpoint = mesh::Endpoint::parse(line.value);
    peer.endpoint = endpoint.ok() ? endpoint->to_string() : "";
  } else if (line.key == "allowed_ip") {
    peer.mesh_ip = parse_single_address(line.value);
  } else if (line.key == "last_handshake_time_sec") {
    TRY(seconds, parse_number<std::uint32_t>(line.key, line.value));
    peer.last_handshake = seconds == 0
                              ? std::nullopt
                              : std::optional<std::chrono::seconds>(std::chrono::seconds(seconds));
  } else if (line.key == "rx_bytes") {
    TRY(count, parse_number<std::uint64_t>(line.key, line.value));
    peer.received_bytes = count;
  } else if (line.key == "tx_bytes") {
    TRY(count, parse_number<std::uint64_t>(line.key, line.value));
    peer.sent_bytes = count;
  }
  return {};  // preshared_key, protocol_version, keepalive: nothing that orama reads
}

Result<void> append_peer(const MeshPeerChange& change, std::string& request) {
  if (change.public_key.size() != kKeyBytes) {
    return make_error(Errc::invalid_argument, "a mesh peer's key has " +
                                                  std::to_string(change.public_key.size()) +
                                                  " bytes, expected 32");
  }
  request += "public_key=" + crypto::to_hex(change.public_key) + '\n';
  if (change.action == MeshPeerChange::Action::remove) {
    request += "remove=true\n";
    return {};
  }
  if (change.action == MeshPeerChange::Action::set_endpoint) {
    request += "update_only=true\n";
  }
  if (change.action == MeshPeerChange::Action::set) {
    if (!change.mesh_ip || !change.mesh_ip->is_v4()) {
      return make_error(Errc::invalid_argument, "a mesh peer has no IPv4 mesh address");
    }
    request += "replace_allowed_ips=true\nallowed_ip=" + change.mesh_ip->to_string() + "/32\n";
    request += "persistent_keepalive_interval=" + std::to_string(kMeshKeepaliveSeconds) + '\n';
  }
  if (!change.endpoint.empty()) {
    TRY(endpoint, mesh::Endpoint::parse(change.endpoint));
    request += "endpoint=" + endpoint.to_string() + '\n';
  }
  return {};
}

}  // namespace

crypto::Secret uapi_identity_request(const crypto::Secret& private_key, int listen_port) {
  return crypto::Secret("set=1\nprivate_key=" + crypto::to_hex(private_key.reveal()) +
                        "\nlisten_port=" + std::to_string(listen_port) + "\n\n");
}

Result<std::string> uapi_peers_request(const std::vector<MeshPeerChange>& changes) {
  std::string request = "set=1\n";
  for (const MeshPeerChange& change : changes) {
    TRY_VOID(append_peer(change, request));
  }
  return request + '\n';
}

Result<void> parse_uapi_set_answer(std::string_view text) {
  TRY(number, for_each_line(text, [](const Line&) { return Result<void>(); }));
  return check_errno(number);
}

Result<MeshDeviceState> parse_uapi_get_answer(std::string_view text) {
  MeshDeviceState state;
  TRY(number, for_each_line(text, [&state](const Line& line) -> Result<void> {
        if (line.key == "public_key") {
          TRY(key, parse_hex_key(line.key, line.value));
          MeshPeer peer;
          peer.public_key = std::move(key);
          state.peers.push_back(std::move(peer));
          return {};
        }
        return state.peers.empty() ? read_device_line(line, state)
                                   : read_peer_line(line, state.peers.back());
      }));
  TRY_VOID(check_errno(number));
  return state;
}

}  // namespace orama::installers
