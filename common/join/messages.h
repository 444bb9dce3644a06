// The messages of a join as values, and their JSON (join.md, Exchange). Every field of the other
// side is parsed into a type before anybody uses it. exchange.h seals and opens them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/crypto/secret.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::join {

inline constexpr std::int64_t kMessageVersion = 1;
inline constexpr std::size_t kMaxAddresses = 8;

struct Request {
  crypto::Secret secret;               // of the token, 16 bytes
  std::string reply_key;               // X25519, 32 bytes, of this request alone
  std::string wg_public_key;           // base64
  std::string node_key;                // base64, Ed25519
  std::string name;                    // node name
  std::vector<std::string> addresses;  // IP literals at which the host is reached; may be empty
  std::uint16_t wg_port = 0;
  std::vector<std::string> roles;  // "nameserver", "relay"
  std::string version, arch;       // of the joiner's orama: "0.1.0", "amd64"
  std::string time;                // RFC 3339, of the joiner's clock

  nlohmann::json to_json() const;
  // The address rule that needs the mesh range is the gateway's to add: endpoints().
  static Result<Request> from_json(const nlohmann::json& json);
  // Each address with the port, checked to lie outside of the mesh; a development range (inside
  // 127.0.0.0/8) takes none.
  Result<std::vector<std::string>> endpoints(const mesh::Cidr& mesh_cidr) const;
};

struct Peer {
  std::string id, name;
  mesh::IpAddress mesh_ip;
  std::string wg_public_key, node_key;  // base64
  std::vector<std::string> endpoints;
};

// How the joiner is heard at the node that answers; absent before its first packet.
struct Heard {
  std::int64_t rx_bytes = 0;
  std::string endpoint;                       // "" unknown
  std::optional<std::string> last_handshake;  // time, of the answering node
};

struct Grant {
  std::string cluster_id, cluster_name, base_domain;
  mesh::Cidr mesh_cidr;
  std::int64_t generation = 1;
  std::string node_id, node_name;
  mesh::IpAddress mesh_ip;
  std::vector<Peer> peers;
  std::string observed;  // the caller's address as seen; "" unknown
  std::optional<Heard> heard;
  std::string time;  // of the answering gateway's clock

  nlohmann::json to_json() const;
  // Checked as a joiner must: the address is a host of the range and nobody else's, keys are keys.
  static Result<Grant> from_json(const nlohmann::json& json);
};

// The cluster's own No: sealed like a success, so that nobody else can say it.
struct Refusal {
  int status = 0;
  std::string code, message, hint;
  std::string time;

  nlohmann::json to_json() const;
  static Result<Refusal> from_json(const nlohmann::json& json);
};

}  // namespace orama::join
