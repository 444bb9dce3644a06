// A node at 10.0.0.1 with two members, all three with named engines.
#pragma once

#include <string>

#include "common/api/desired.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/peer_id.h"
#include "common/crypto/secret.h"
#include "installers/paths.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/agent/sample_mesh.h"

namespace orama::tests {

inline std::string sample_seed(char fill) {
  return crypto::to_base64(std::string(32, fill)) + "\n";
}

inline std::string sample_peer_id(char fill) {
  const crypto::Secret seed(std::string(32, fill));
  return crypto::peer_id_of(crypto::ed25519_from_seed(seed).value().public_key);
}

// Kubo 'i', 'j' and IPFS Cluster 'k', 'l' of node2, node3.
inline api::Desired engines_desired() {
  api::Desired desired = sample_desired();
  desired.rqlite_join = {"10.0.0.2:7001", "10.0.0.3:7001"};
  desired.ipfs_peers = {{desired.peers[0].id, sample_peer_id('i')},
                        {desired.peers[1].id, sample_peer_id('j')}};
  desired.ipfs_cluster_peers = {{desired.peers[0].id, sample_peer_id('k')},
                                {desired.peers[1].id, sample_peer_id('l')}};
  return desired;
}

inline void put_engines_node(FakeHost& fake, const api::Desired& desired) {
  fake.files.put(installers::paths::kNodeJson, sample_node_json(true));
  fake.files.put(installers::paths::kSavedDesired, desired.to_json().dump());
}

}  // namespace orama::tests
