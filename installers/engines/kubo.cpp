#include "installers/engines/kubo.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/crypto/peer_id.h"
#include "common/http_client.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/engines/engine_node.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr int kOk = 200;
constexpr std::chrono::seconds kPatience{5};

// The texts at `key` of the objects in the list `list`; a missing or null list is an empty one.
Result<PeerIds> ids_in(std::string_view text, const char* list, const char* key) {
  TRY(body, parse_json(text));
  if (!body.is_object()) {
    return make_error(Errc::failed, "Kubo's answer is no JSON object", "journalctl -u orama-ipfs");
  }
  PeerIds ids;
  const json entries = body.value(list, json());
  for (const json& entry : entries.is_array() ? entries : json::array()) {
    std::string id = text_of(entry, key);
    if (crypto::is_peer_id(id)) {
      ids.insert(std::move(id));
    }
  }
  return ids;
}

}  // namespace

Result<PeerIds> parse_connected(std::string_view text) {
  return ids_in(text, "Peers", "Peer");
}

Result<PeerIds> parse_peerings(std::string_view text) {
  return ids_in(text, "Peers", "ID");
}

Result<std::string> Kubo::call(const std::string& path_and_query) {
  HttpRequest request;
  request.method = "POST";
  request.url =
      "http://" + ip_ + ":" + std::to_string(paths::kIpfsRpcPort) + "/api/v0/" + path_and_query;
  request.timeout = kPatience;
  TRY(response, http_.send(request));
  if (response.status != kOk) {
    const auto body = parse_json(response.body);
    return make_error(Errc::failed,
                      "Kubo answered " + std::to_string(response.status) + " to " +
                          path_and_query.substr(0, path_and_query.find('?')) + ": " +
                          (body.ok() ? text_of(*body, "Message").substr(0, 300) : std::string()),
                      "journalctl -u orama-ipfs");
  }
  return std::move(response.body);
}

Result<PeerIds> Kubo::connected() {
  TRY(text, call("swarm/peers"));
  return parse_connected(text);
}

Result<PeerIds> Kubo::peerings() {
  TRY(text, call("swarm/peering/ls"));
  return parse_peerings(text);
}

Result<void> Kubo::add_peering(const std::string& peer_id, const std::string& mesh_ip) {
  const std::string address = multiaddress(mesh_ip, paths::kIpfsSwarmPort) + "/p2p/" + peer_id;
  TRY_VOID(call("swarm/peering/add?arg=" + address));
  // A peering alone dials within 10 s.
  TRY_VOID(call("swarm/connect?arg=" + address + "&timeout=3s"));
  return {};
}

Result<void> Kubo::remove_peering(const std::string& peer_id) {
  TRY_VOID(call("swarm/peering/rm?arg=" + peer_id));
  // Else the connection of one that is gone lasts until it is found dead, after half a minute. An
  // error says that there is none.
  static_cast<void>(call("swarm/disconnect?arg=/p2p/" + peer_id));
  return {};
}

}  // namespace orama::installers
