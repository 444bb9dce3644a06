// The names of the secrets that every member holds alike (architecture.md, the table of secrets):
// the installer makes or fetches the files of these names, the gateway marks them when a node is
// removed.
#pragma once

#include <array>
#include <string_view>

namespace orama::api {

// Opens what joiners send. A removal replaces it at once (join.md), so it is never marked.
inline constexpr std::string_view kJoinKeySecret = "cluster-join.key";

inline constexpr std::array<std::string_view, 8> kMarkedSecrets = {
    "rqlite-auth.json",   "databases.key",       "olric-password",
    "ipfs-swarm.key",     "ipfs-cluster-secret", "ipfs-cluster-rest-password",
    "tenant-secrets.key", "challenge-mac.key",
};

}  // namespace orama::api
