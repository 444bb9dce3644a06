#include "installers/engines/engine_configs.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/crypto/keys.h"
#include "common/crypto/peer_id.h"
#include "common/crypto/secret.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/engines/engine_node.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr int kIndent = 2;

Result<json> read_settings(std::string_view text) {
  auto settings = parse_json(text);
  if (settings.ok() && !settings->is_object()) {
    return make_error(Errc::invalid_argument, "found no JSON object");
  }
  return std::move(settings).while_doing("reading the template of the engine's settings");
}

std::string text_of_config(const json& config) {
  return config.dump(kIndent) + "\n";
}

std::vector<std::string> swarm_addresses(const EngineNode& node) {
  std::vector<std::string> addresses;
  for (const api::Desired::Peer& peer : node.desired.peers) {
    const auto id = node.desired.ipfs_cluster_peers.find(peer.id);
    if (id != node.desired.ipfs_cluster_peers.end()) {
      addresses.push_back(multiaddress(peer.mesh_ip, paths::kIpfsClusterSwarmPort) + "/p2p/" +
                          id->second);
    }
  }
  return addresses;
}

json kubo_peerings(const EngineNode& node) {
  json peers = json::array();
  for (const api::Desired::Peer& peer : node.desired.peers) {
    const auto id = node.desired.ipfs_peers.find(peer.id);
    if (id != node.desired.ipfs_peers.end()) {
      peers.push_back(
          {{"ID", id->second}, {"Addrs", {multiaddress(peer.mesh_ip, paths::kIpfsSwarmPort)}}});
    }
  }
  return peers;
}

}  // namespace

Result<std::string> olric_config(std::string_view settings, const EngineNode& node,
                                 const crypto::Secret& password) {
  TRY(config, read_settings(settings));
  json peers = json::array();
  for (const api::Desired::Peer& peer : node.desired.peers) {
    peers.push_back(peer.mesh_ip + ":" + std::to_string(paths::kOlricMemberPort));
  }
  config["server"]["bindAddr"] = node.mesh_ip();
  config["server"]["memberCountQuorum"] = cache_quorum(node.desired);
  config["memberlist"]["bindAddr"] = node.mesh_ip();
  config["memberlist"]["advertiseAddr"] = node.mesh_ip();
  config["memberlist"]["peers"] = std::move(peers);
  config["authentication"]["password"] = password.reveal();
  return text_of_config(config);
}

Result<std::string> ipfs_config(std::string_view settings, const EngineNode& node,
                                const IpfsFacts& facts) {
  TRY(config, read_settings(settings));
  const std::string swarm = multiaddress(node.mesh_ip(), paths::kIpfsSwarmPort);
  config["Identity"] = {{"PeerID", crypto::peer_id_of(facts.identity.public_key)},
                        {"PrivKey", crypto::libp2p_private_key(facts.identity).reveal()}};
  config["Addresses"]["API"] = {multiaddress(local_ip(node.mesh_ip()), paths::kIpfsRpcPort)};
  config["Addresses"]["Swarm"] = {swarm};
  config["Addresses"]["Announce"] = {swarm};
  config["Datastore"]["StorageMax"] = std::to_string(facts.storage_max_bytes) + "B";
  config["Peering"]["Peers"] = kubo_peerings(node);
  return text_of_config(config);
}

Result<std::string> ipfs_cluster_config(std::string_view settings, const EngineNode& node,
                                        const IpfsClusterFacts& facts) {
  TRY(config, read_settings(settings));
  const std::string swarm = multiaddress(node.mesh_ip(), paths::kIpfsClusterSwarmPort);
  json& cluster = config["cluster"];
  cluster["peername"] = node.node.name;
  cluster["secret"] = facts.secret.reveal();
  cluster["listen_multiaddress"] = {swarm};
  cluster["announce_multiaddress"] = {swarm};
  cluster["peer_addresses"] = swarm_addresses(node);
  json& rest = config["api"]["restapi"];
  rest["http_listen_multiaddress"] = multiaddress(node.mesh_ip(), paths::kIpfsClusterRestPort);
  rest["basic_auth_credentials"] = {{kIpfsClusterUser, facts.rest_password.reveal()}};
  config["ipfs_connector"]["ipfshttp"]["node_multiaddress"] =
      multiaddress(local_ip(node.mesh_ip()), paths::kIpfsRpcPort);
  return text_of_config(config);
}

std::string ipfs_cluster_identity(const crypto::KeyPair& identity) {
  return text_of_config({{"id", crypto::peer_id_of(identity.public_key)},
                         {"private_key", crypto::libp2p_private_key(identity).reveal()}});
}

std::string ipfs_cluster_peerstore(const EngineNode& node) {
  std::string text;
  for (const std::string& address : swarm_addresses(node)) {
    text += address + "\n";
  }
  return text;
}

}  // namespace orama::installers
