#include "common/join/messages.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/cluster.h"
#include "common/api/fields.h"
#include "common/crypto/encoding.h"
#include "common/crypto/secret.h"
#include "common/mesh/endpoint.h"
#include "common/mesh/ip_address.h"
#include "common/mesh/names.h"
#include "common/result.h"

namespace orama::join {
namespace {

using api::Fields;
using nlohmann::json;

constexpr std::size_t kSecretBytes = 16, kKeyBytes = 32;
constexpr std::size_t kShort = 64, kLong = 300, kMaxRoles = 8, kMaxPeers = 1024;
constexpr std::size_t kMaxSentence = 1000;
constexpr std::int64_t kMaxStatus = 599;
constexpr std::int64_t kMaxPort = 65535;

// A field whose text another function parses; its message becomes the reason.
template <class T>
Result<T> parsed(const Fields& fields, std::string_view key, Result<T> result) {
  if (!result.ok()) {
    return fields.wrong(key, "another value: " + result.error().message);
  }
  return result;
}

Result<std::string> bytes_of(const Fields& fields, std::string_view key, std::size_t count) {
  TRY(text, fields.text(key, kShort));
  auto bytes = crypto::from_base64(text);
  if (!bytes.ok() || bytes->size() != count) {
    return fields.wrong(key, std::to_string(count) + " bytes in base64");
  }
  return bytes;
}

Result<std::string> wireguard_key(const Fields& fields) {
  TRY(text, fields.text("wg_public_key", kShort));
  TRY_VOID(parsed(fields, "wg_public_key", mesh::parse_wireguard_key(text)));
  return text;
}

Result<std::string> node_key(const Fields& fields) {
  TRY(text, fields.text("node_key", kShort));
  TRY_VOID(parsed(fields, "node_key", mesh::parse_node_key(text)));
  return text;
}

Result<std::string> node_name(const Fields& fields) {
  TRY(text, fields.text("name", kShort));
  return parsed(fields, "name", mesh::parse_node_name(text));
}

Result<std::string> id_of(const Fields& fields) {
  TRY(text, fields.text("id", kShort));
  return parsed(fields, "id", mesh::parse_id(text));
}

// A host address of the range: neither its network nor its broadcast address.
Result<mesh::IpAddress> mesh_address(const Fields& fields, const mesh::Cidr& range) {
  TRY(text, fields.text("mesh_ip", kShort));
  TRY(address, parsed(fields, "mesh_ip", mesh::IpAddress::parse(text)));
  const bool host = range.contains(address) && address != range.network() &&
                    address.v4() - range.network().v4() <= range.host_count();
  if (!host) {
    return fields.wrong("mesh_ip", "a host address inside " + range.to_string());
  }
  return address;
}

Result<void> check_version(const Fields& fields) {
  TRY(version, fields.integer("v", 0));
  if (version != kMessageVersion) {
    return fields.wrong("v", "1");
  }
  return {};
}

Result<std::vector<std::string>> read_roles(const Fields& fields) {
  TRY(roles, fields.texts("roles", kMaxRoles, kShort));
  for (const std::string& role : roles) {
    TRY_VOID(parsed(fields, "roles", mesh::parse_role(role)));
  }
  return roles;
}

Result<std::vector<std::string>> read_addresses(const Fields& fields) {
  TRY(texts, fields.texts("addresses", kMaxAddresses, kShort));
  std::vector<std::string> addresses;
  addresses.reserve(texts.size());
  for (const std::string& text : texts) {
    TRY(address, parsed(fields, "addresses", mesh::IpAddress::parse(text)));
    addresses.push_back(address.to_string());
  }
  return addresses;
}

json peer_json(const Peer& peer) {
  return {{"id", peer.id},
          {"name", peer.name},
          {"mesh_ip", peer.mesh_ip.to_string()},
          {"wg_public_key", peer.wg_public_key},
          {"node_key", peer.node_key},
          {"endpoints", peer.endpoints}};
}

Result<Peer> read_peer(const Fields& fields, const mesh::Cidr& range) {
  Peer peer;
  TRY(id, id_of(fields));
  TRY(name, node_name(fields));
  TRY(address, mesh_address(fields, range));
  TRY(wg, wireguard_key(fields));
  TRY(key, node_key(fields));
  TRY(endpoints, fields.texts("endpoints", api::kMaxEndpoints, kLong));
  for (const std::string& endpoint : endpoints) {
    if (auto good = api::check_endpoint(endpoint, range); !good.ok()) {
      return fields.wrong("endpoints", "another value: " + good.error().message);
    }
  }
  peer.id = std::move(id);
  peer.name = std::move(name);
  peer.mesh_ip = address;
  peer.wg_public_key = std::move(wg);
  peer.node_key = std::move(key);
  peer.endpoints = std::move(endpoints);
  return peer;
}

Result<std::optional<Heard>> read_heard(const Fields& fields) {
  if (!fields.has("heard")) {
    return std::optional<Heard>();
  }
  TRY(inner, fields.object("heard"));
  TRY(rx, inner.integer("rx_bytes", 0));
  TRY(endpoint, inner.text_or_empty("endpoint", kLong));
  TRY(handshake, inner.optional_text("last_handshake", kShort));
  return std::optional<Heard>(Heard{rx, std::move(endpoint), std::move(handshake)});
}

// Ids, addresses and keys are one thing each, and none is the joiner's own address.
Result<void> check_distinct(const Grant& grant) {
  std::set<std::string> seen = {grant.node_id, grant.mesh_ip.to_string()};
  for (const Peer& peer : grant.peers) {
    for (const std::string& one :
         {peer.id, peer.mesh_ip.to_string(), peer.wg_public_key, peer.node_key}) {
      if (!seen.insert(one).second) {
        return api::field_error("peers", "two of them, or one and this node, share " + one);
      }
    }
  }
  return {};
}

}  // namespace

json Request::to_json() const {
  return {{"v", kMessageVersion},
          {"secret", crypto::to_base64(secret.reveal())},
          {"reply_key", crypto::to_base64(reply_key)},
          {"wg_public_key", wg_public_key},
          {"node_key", node_key},
          {"name", name},
          {"addresses", addresses},
          {"wg_port", wg_port},
          {"roles", roles},
          {"version", version},
          {"arch", arch},
          {"time", time}};
}

Result<Request> Request::from_json(const json& body) {
  const Fields fields(body);
  Request request;
  TRY_VOID(check_version(fields));
  TRY(secret, bytes_of(fields, "secret", kSecretBytes));
  request.secret = crypto::Secret(std::move(secret));
  TRY(reply_key, bytes_of(fields, "reply_key", kKeyBytes));
  TRY_VOID(parsed(fields, "reply_key", mesh::parse_wireguard_key(crypto::to_base64(reply_key))));
  request.reply_key = std::move(reply_key);
  TRY(wg, wireguard_key(fields));
  request.wg_public_key = std::move(wg);
  TRY(key, orama::join::node_key(fields));
  request.node_key = std::move(key);
  TRY(name, node_name(fields));
  request.name = std::move(name);
  TRY(addresses, read_addresses(fields));
  request.addresses = std::move(addresses);
  TRY(port, fields.integer("wg_port", 1));
  if (port > kMaxPort) {
    return fields.wrong("wg_port", "1 to 65535");
  }
  request.wg_port = static_cast<std::uint16_t>(port);
  TRY(roles, read_roles(fields));
  request.roles = std::move(roles);
  TRY(version, fields.text("version", kShort));
  request.version = std::move(version);
  TRY(arch, fields.text("arch", kShort));
  request.arch = std::move(arch);
  TRY(time, fields.text("time", kShort));
  request.time = std::move(time);
  return request;
}

Result<std::vector<std::string>> Request::endpoints(const mesh::Cidr& mesh_cidr) const {
  std::vector<std::string> endpoints;
  if (mesh_cidr.network().is_loopback()) {
    return endpoints;
  }
  endpoints.reserve(addresses.size());
  for (const std::string& text : addresses) {
    TRY(address, mesh::IpAddress::parse(text));
    if (auto outside = mesh::check_outside_mesh(address, mesh_cidr); !outside.ok()) {
      return api::field_error("addresses", outside.error().message);
    }
    endpoints.push_back(mesh::Endpoint{address, wg_port}.to_string());
  }
  return endpoints;
}

json Grant::to_json() const {
  json list = json::array();
  for (const Peer& peer : peers) {
    list.push_back(peer_json(peer));
  }
  json heard_json;
  if (heard) {
    heard_json = {
        {"rx_bytes", heard->rx_bytes},
        {"endpoint", heard->endpoint},
        {"last_handshake", heard->last_handshake ? json(*heard->last_handshake) : json()}};
  }
  return {{"v", kMessageVersion},
          {"cluster",
           {{"id", cluster_id},
            {"name", cluster_name},
            {"base_domain", base_domain},
            {"mesh_cidr", mesh_cidr.to_string()},
            {"generation", generation}}},
          {"node", {{"id", node_id}, {"name", node_name}, {"mesh_ip", mesh_ip.to_string()}}},
          {"peers", std::move(list)},
          {"observed", observed},
          {"heard", std::move(heard_json)},
          {"time", time}};
}

Result<Grant> Grant::from_json(const json& body) {
  const Fields fields(body);
  Grant grant;
  TRY_VOID(check_version(fields));
  if (!body.contains("cluster")) {
    return fields.wrong("cluster", "the cluster");
  }
  TRY(cluster, api::ClusterInfo::from_json(body.at("cluster")));
  grant.cluster_id = cluster.id;
  grant.cluster_name = cluster.name;
  grant.base_domain = cluster.base_domain;
  grant.mesh_cidr = cluster.mesh_cidr;
  grant.generation = cluster.generation;
  TRY(node, fields.object("node"));
  TRY(id, id_of(node));
  TRY(name, orama::join::node_name(node));
  TRY(address, mesh_address(node, grant.mesh_cidr));
  grant.node_id = std::move(id);
  grant.node_name = std::move(name);
  grant.mesh_ip = address;
  TRY(peers, fields.objects("peers", kMaxPeers));
  for (const Fields& peer_fields : peers) {
    TRY(peer, read_peer(peer_fields, grant.mesh_cidr));
    grant.peers.push_back(std::move(peer));
  }
  TRY(observed, fields.text_or_empty("observed", kShort));
  grant.observed = std::move(observed);
  TRY(heard, read_heard(fields));
  grant.heard = std::move(heard);
  TRY(time, fields.text("time", kShort));
  grant.time = std::move(time);
  TRY_VOID(check_distinct(grant));
  return grant;
}

json Refusal::to_json() const {
  return {{"v", kMessageVersion},
          {"error", {{"status", status}, {"code", code}, {"error", message}, {"hint", hint}}},
          {"time", time}};
}

Result<Refusal> Refusal::from_json(const json& body) {
  const Fields fields(body);
  TRY_VOID(check_version(fields));
  TRY(inner, fields.object("error"));
  Refusal refusal;
  TRY(status, inner.integer("status", 400));
  if (status > kMaxStatus) {
    return inner.wrong("status", "400 to 599");
  }
  TRY(code, inner.text("code", kShort));
  TRY(message, inner.text_or_empty("error", kMaxSentence));
  TRY(hint, inner.text_or_empty("hint", kMaxSentence));
  TRY(time, fields.text_or_empty("time", kShort));
  refusal.status = static_cast<int>(status);
  refusal.code = std::move(code);
  refusal.message = std::move(message);
  refusal.hint = std::move(hint);
  refusal.time = std::move(time);
  return refusal;
}

}  // namespace orama::join
