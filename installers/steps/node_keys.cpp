#include "installers/steps/node_keys.h"

#include <string>
#include <utility>

#include "common/atomic_file.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/paths.h"

namespace orama::installers {

Result<crypto::Secret> read_key(Host& host, const std::string& name) {
  const std::string path = std::string(paths::kSecrets) + "/" + name;
  TRY(text, host.files.read(path));
  auto bytes = crypto::from_base64(without_line_end(std::move(text)));
  if (!bytes.ok()) {
    return make_error(Errc::failed, path + " holds no base64 key", "restore it from a backup");
  }
  return crypto::Secret(std::move(bytes).value());
}

std::string NodeKeys::wg_public_key() const {
  return crypto::to_base64(mesh.public_key);
}

std::string NodeKeys::node_key() const {
  return crypto::to_base64(identity.public_key);
}

Result<NodeKeys> read_node_keys(Host& host) {
  NodeKeys keys;
  TRY(mesh_key, read_key(host, "wireguard.key"));
  TRY(mesh_pair, crypto::x25519_from_private(mesh_key));
  TRY(seed, read_key(host, "node.key"));
  TRY(identity, crypto::ed25519_from_seed(seed));
  keys.mesh = std::move(mesh_pair);
  keys.identity = std::move(identity);
  return keys;
}

}  // namespace orama::installers
