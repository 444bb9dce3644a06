#include "installers/steps/secrets.h"

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/random.h"
#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/paths.h"
#include "installers/rqlite_users.h"
#include "installers/step.h"

namespace orama::installers {
namespace {

using Make = std::function<Result<std::string>(Host&)>;

constexpr std::size_t kSecretBytes = 32;

Make x25519_key() {
  return [](Host& host) -> Result<std::string> {
    return crypto::to_base64(crypto::make_x25519(host.random).private_key.reveal()) + "\n";
  };
}

Make ed25519_seed() {
  return [](Host& host) -> Result<std::string> {
    return crypto::to_base64(crypto::make_ed25519(host.random).private_key.reveal()) + "\n";
  };
}

Make random_base64() {
  return [](Host& host) -> Result<std::string> {
    return crypto::to_base64(host.random.bytes(kSecretBytes)) + "\n";
  };
}

Make random_hex() {
  return [](Host& host) -> Result<std::string> {
    return crypto::to_hex(host.random.bytes(kSecretBytes)) + "\n";
  };
}

Make password() {
  return [](Host& host) -> Result<std::string> {
    return crypto::to_base64url(host.random.bytes(kSecretBytes)) + "\n";
  };
}

// Kubo's format of a private network's key (libp2p pnet, /key/swarm/psk/1.0.0/).
Make swarm_key() {
  return [](Host& host) -> Result<std::string> {
    return "/key/swarm/psk/1.0.0/\n/base16/\n" + crypto::to_hex(host.random.bytes(kSecretBytes)) +
           "\n";
  };
}

// A file of its own, so that a unit can be handed one user's password and not the others'.
Make registry_password_of(const char* user) {
  return [user](Host& host) -> Result<std::string> {
    TRY(text, host.files.read(std::string(paths::kSecrets) + "/rqlite-auth.json"));
    TRY(found, registry_password(text, user));
    return found + "\n";
  };
}

Changes files_of(const std::set<SecretOrigin>& origins) {
  Changes changes;
  for (SecretRow& row : secret_table()) {
    if (origins.contains(row.origin)) {
      changes.push_back(
          secret_file(std::string(paths::kSecrets) + "/" + row.name, std::move(row.make)));
    }
  }
  return changes;
}

}  // namespace

std::vector<SecretRow> secret_table() {
  using enum SecretOrigin;
  return {
      {"wireguard.key", "this node's key on the mesh", own, x25519_key()},
      {"node.key", "this node's identity", own, ed25519_seed()},
      {"jwt-signing.key", "signs the access tokens that this node issues", own, ed25519_seed()},
      {"ipfs.key", "this node's identity in the storage network", own, ed25519_seed()},
      {"ipfs-cluster.key", "this node's identity in the pinning cluster", own, ed25519_seed()},
      {"cluster-join.key", "opens what joining nodes send", shared, x25519_key()},
      {"rqlite-auth.json", "the registry's users", shared,
       [](Host& host) -> Result<std::string> {
         return rqlite_users_text([&host](std::string_view) {
           return crypto::Secret(crypto::to_base64url(host.random.bytes(kSecretBytes)));
         });
       }},
      {"registry-password", "the gateway's password of the registry", derived,
       registry_password_of("gateway")},
      {"agent-registry-password", "the agent's password of the registry", derived,
       registry_password_of("agent")},
      {"databases.key", "the passwords of the namespaces' databases", shared, random_base64()},
      {"olric-password", "the cache's password", shared, password()},
      {"ipfs-swarm.key", "closes the storage network to others", shared, swarm_key()},
      {"ipfs-cluster-secret", "closes the pinning cluster to others", shared, random_hex()},
      {"ipfs-cluster-rest-password", "the pinning cluster's REST password", shared, password()},
      {"tenant-secrets.key", "encrypts what tenants store as secrets", shared, random_base64()},
      {"challenge-mac.key", "signs sign-in challenges", shared, random_base64()},
  };
}

Step secrets_step() {
  Step step{"secrets", "keys and passwords", {}, nullptr};
  step.changes = [](Host&) -> Result<Changes> {
    return files_of({SecretOrigin::own, SecretOrigin::shared, SecretOrigin::derived});
  };
  return step;
}

Step own_keys_step() {
  Step step{"keys", "this node's own keys", {}, nullptr};
  step.changes = [](Host&) -> Result<Changes> { return files_of({SecretOrigin::own}); };
  return step;
}

}  // namespace orama::installers
