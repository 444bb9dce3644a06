// The configurations of the storage engines, as each reads it (engines-storage.md 2 to 4): a
// template of the settings that are the same on all nodes, and into it what is this node's own. The
// texts hold secrets: they go into files of mode 0600 and nowhere else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/engines/engine_node.h"

namespace orama::installers {

// Each takes the template's text; JSON in, JSON out (Olric reads YAML, of which that is a part).
Result<std::string> olric_config(std::string_view settings, const EngineNode& node,
                                 const crypto::Secret& password);

struct IpfsFacts {
  crypto::KeyPair identity;        // Ed25519
  std::int64_t storage_max_bytes;  // at which Kubo collects garbage
};
Result<std::string> ipfs_config(std::string_view settings, const EngineNode& node,
                                const IpfsFacts& facts);

struct IpfsClusterFacts {
  std::string peer_id;
  crypto::Secret secret;  // 64 hexadecimal digits
  crypto::Secret rest_password;
};
Result<std::string> ipfs_cluster_config(std::string_view settings, const EngineNode& node,
                                        const IpfsClusterFacts& facts);
// identity.json
std::string ipfs_cluster_identity(const crypto::KeyPair& identity);
// The file `peerstore`: an address a line. Written before each start, so that no member that is
// gone is dialled again.
std::string ipfs_cluster_peerstore(const EngineNode& node);

inline constexpr const char* kIpfsClusterUser = "orama";

}  // namespace orama::installers
