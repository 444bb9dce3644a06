#include "installers/engines/membership.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/api/desired.h"
#include "common/atomic_file.h"
#include "common/crypto/secret.h"
#include "common/http_client.h"
#include "common/result.h"
#include "installers/engines/engine_node.h"
#include "installers/engines/ipfs_cluster.h"
#include "installers/engines/kubo.h"
#include "installers/engines/olric.h"
#include "installers/host/host.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

constexpr std::chrono::seconds kPatience{2};

// Peers with a known id that is not among `seen`.
Peers without(const Peers& peers, const std::map<std::string, std::string>& ids,
              const std::set<std::string>& seen) {
  Peers unseen;
  for (const api::Desired::Peer& peer : peers) {
    const auto id = ids.find(peer.id);
    if (id != ids.end() && !seen.contains(id->second)) {
      unseen.push_back(peer);
    }
  }
  return unseen;
}

Result<Peers> unseen_by_ipfs(Host& host, const EngineNode& node, const Peers& peers) {
  TRY(connected, Kubo(host.http, local_ip(node.mesh_ip())).connected());
  return without(peers, node.desired.ipfs_peers, connected);
}

Result<Peers> unseen_by_ipfs_cluster(Host& host, const EngineNode& node, const Peers& peers) {
  TRY(password, host.files.read(std::string(paths::kSecrets) + "/ipfs-cluster-rest-password"));
  IpfsCluster cluster(host.http, node.mesh_ip(),
                      crypto::Secret(without_line_end(std::move(password))));
  TRY(seen, cluster.peers());
  return without(peers, node.desired.ipfs_cluster_peers, seen);
}

}  // namespace

Peers reachable_peers(HttpClient& http, const api::Desired& desired) {
  Peers reachable;
  std::copy_if(desired.peers.begin(), desired.peers.end(), std::back_inserter(reachable),
               [&http](const api::Desired::Peer& peer) {
                 HttpRequest request;
                 request.url = "http://" + peer.mesh_ip + ":" +
                               std::to_string(paths::kGatewayPort) + "/livez";
                 request.timeout = kPatience;
                 return http.send(request).ok();
               });
  return reachable;
}

std::vector<MemberEngine> member_engines(const CacheLook& cache) {
  const auto unseen_by_cache = [cache](Host&, const EngineNode& node,
                                       const Peers& peers) -> Result<Peers> {
    TRY(view, cache(node.mesh_ip()));
    Peers unseen;
    std::copy_if(peers.begin(), peers.end(), std::back_inserter(unseen),
                 [&members = view.members](const api::Desired::Peer& peer) {
                   return !members.contains(peer.mesh_ip);
                 });
    return unseen;
  };
  return {{"cache (Olric)", paths::kOlricUnit, unseen_by_cache},
          {"storage (Kubo)", paths::kIpfsUnit, unseen_by_ipfs},
          {"pinning (IPFS Cluster)", paths::kIpfsClusterUnit, unseen_by_ipfs_cluster}};
}

std::string listed(const Peers& peers) {
  std::string text;
  for (const api::Desired::Peer& peer : peers) {
    text += (text.empty() ? "" : ", ") + peer.name + " (" + peer.mesh_ip + ")";
  }
  return text;
}

}  // namespace orama::installers
