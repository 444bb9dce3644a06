// Key pairs: X25519 (RFC 7748) for WireGuard and sealed boxes, Ed25519 (RFC 8032) for identity and
// signing. Private halves are Secret; public halves are 32 raw bytes in a string.
#pragma once

#include <string>

#include "common/crypto/random.h"
#include "common/crypto/secret.h"
#include "common/result.h"

namespace orama::crypto {

struct KeyPair {
  Secret private_key;      // X25519: 32 clamped bytes. Ed25519: the 32-byte seed
  std::string public_key;  // 32 bytes
};

KeyPair make_x25519(Random& random);
KeyPair make_ed25519(Random& random);
// The pair that belongs to stored private bytes; invalid_argument when they are not 32.
Result<KeyPair> x25519_from_private(const Secret& private_key);
Result<KeyPair> ed25519_from_seed(const Secret& seed);

}  // namespace orama::crypto
