// libp2p's names of Ed25519 keys (libp2p/specs peer-ids): an identity multihash of the key's
// protobuf, in base58: "12D3KooW…", 52 characters. And the private key as Kubo and IPFS Cluster
// keep it in their files.
#pragma once

#include <string>
#include <string_view>

#include "common/crypto/keys.h"
#include "common/crypto/secret.h"

namespace orama::crypto {

std::string peer_id_of(std::string_view public_key);  // 32 bytes of Ed25519
bool is_peer_id(std::string_view text);               // of an Ed25519 key, in its one spelling

// base64 of the protobuf PrivateKey{Ed25519, seed ‖ public key}.
Secret libp2p_private_key(const KeyPair& pair);

}  // namespace orama::crypto
