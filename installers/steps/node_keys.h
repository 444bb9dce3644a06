// The keys that make this host this node: its WireGuard key and its identity, as the secrets step
// left them. Public halves go out, private ones stay Secret. Errors name the file, never its
// content.
#pragma once

#include <string>

#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/host/host.h"

namespace orama::installers {

// A file of /etc/orama/secrets that holds base64.
Result<crypto::Secret> read_key(Host& host, const std::string& name);

struct NodeKeys {
  crypto::KeyPair mesh;      // X25519
  crypto::KeyPair identity;  // Ed25519

  std::string wg_public_key() const;  // base64
  std::string node_key() const;       // base64
};
Result<NodeKeys> read_node_keys(Host& host);

}  // namespace orama::installers
