#include "installers/engines/ipfs_cluster.h"

#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "common/crypto/peer_id.h"
#include "common/http_client.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/engines/engine_configs.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

constexpr int kOk = 200;
constexpr std::chrono::seconds kPatience{8};  // it asks every peer, for 3 s each

}  // namespace

Result<std::set<std::string>> parse_cluster_peers(std::string_view text) {
  std::set<std::string> ids;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.empty()) {
      continue;
    }
    TRY(peer, parse_json(line));
    std::string id = text_of(peer, "id");
    if (crypto::is_peer_id(id) && text_of(peer, "error").empty()) {
      ids.insert(std::move(id));
    }
  }
  return ids;
}

Result<std::set<std::string>> IpfsCluster::peers() {
  HttpRequest request;
  request.url = "http://" + mesh_ip_ + ":" + std::to_string(paths::kIpfsClusterRestPort) + "/peers";
  request.user = kIpfsClusterUser;
  request.password = password_.reveal();
  request.timeout = kPatience;
  TRY(response, http_.send(request));
  if (response.status != kOk) {
    return make_error(Errc::failed,
                      "IPFS Cluster answered " + std::to_string(response.status) + " to /peers",
                      "journalctl -u orama-ipfs-cluster");
  }
  return parse_cluster_peers(response.body);
}

}  // namespace orama::installers
