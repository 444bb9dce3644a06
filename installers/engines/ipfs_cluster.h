// What IPFS Cluster's REST API (engines-storage.md 4) says of the members. Blocking; each call has
// a deadline of seconds.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "common/crypto/secret.h"
#include "common/http_client.h"
#include "common/result.h"

namespace orama::installers {

class IpfsCluster {
 public:
  IpfsCluster(HttpClient& http, std::string mesh_ip, crypto::Secret password)
      : http_(http), mesh_ip_(std::move(mesh_ip)), password_(std::move(password)) {}

  // Ids of the peers that it sees, its own among them.
  Result<std::set<std::string>> peers();

 private:
  HttpClient& http_;
  const std::string mesh_ip_;
  const crypto::Secret password_;
};

// GET /peers: a JSON object a line; fuzzed. A peer that answers with an error is not seen.
Result<std::set<std::string>> parse_cluster_peers(std::string_view text);

}  // namespace orama::installers
