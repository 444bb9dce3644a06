// Authenticated encryption to a public key, by libsodium: crypto_box (X25519, XSalsa20-Poly1305)
// and its sealed form, which hides who sent. Inputs and outputs are raw bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/crypto/keys.h"
#include "common/crypto/random.h"
#include "common/crypto/secret.h"
#include "common/result.h"

namespace orama::crypto {

inline constexpr std::size_t kSealedOverhead = 48;  // ephemeral key and tag
inline constexpr std::size_t kBoxOverhead = 40;     // nonce and tag

// Anyone can seal to a key; only its holder opens, and learns nothing of who sealed. Asserts that
// the key is 32 bytes; invalid_argument for a low-order one.
Result<std::string> seal_to(std::string_view public_key, std::string_view message);
Result<std::string> open_sealed(const KeyPair& recipient, std::string_view sealed);

// nonce (24) ‖ box; only the holder of one of the two private keys could have made it.
Result<std::string> box_to(std::string_view public_key, const Secret& sender, Random& random,
                           std::string_view message);
Result<std::string> open_box(std::string_view sender_public_key, const Secret& recipient,
                             std::string_view box);

// The X25519 pair behind an Ed25519 identity (libsodium's conversion): what is sealed to the public
// half opens with the pair.
Result<std::string> x25519_of_identity(std::string_view ed25519_public_key);
Result<KeyPair> x25519_of_identity(const Secret& ed25519_seed);

}  // namespace orama::crypto
