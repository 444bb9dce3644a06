#include "common/crypto/keys.h"

#include <sodium.h>

#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "common/crypto/random.h"
#include "common/crypto/secret.h"
#include "common/result.h"

namespace orama::crypto {

namespace {

constexpr std::size_t kKeyBytes = 32;
static_assert(crypto_scalarmult_BYTES == kKeyBytes && crypto_sign_SEEDBYTES == kKeyBytes);

Error wrong_length(const char* what, std::size_t found) {
  return make_error(Errc::invalid_argument, std::string("reading ") + what + ": found " +
                                                std::to_string(found) + " bytes, expected 32");
}

KeyPair x25519_pair(std::string bytes) {
  // Clamping of RFC 7748 section 5, done here so that the stored bytes are the scalar that is used.
  bytes[0] = static_cast<char>(static_cast<unsigned char>(bytes[0]) & 248U);
  bytes[31] = static_cast<char>((static_cast<unsigned char>(bytes[31]) & 127U) | 64U);
  std::string public_key(kKeyBytes, '\0');
  const int failed = crypto_scalarmult_base(reinterpret_cast<unsigned char*>(public_key.data()),
                                            reinterpret_cast<const unsigned char*>(bytes.data()));
  ORAMA_ASSERT(failed == 0);
  return KeyPair{Secret(std::move(bytes)), std::move(public_key)};
}

KeyPair ed25519_pair(std::string seed) {
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
  std::string public_key(kKeyBytes, '\0');
  const int failed =
      crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(public_key.data()), secret.data(),
                               reinterpret_cast<const unsigned char*>(seed.data()));
  sodium_memzero(secret.data(), secret.size());
  ORAMA_ASSERT(failed == 0);
  return KeyPair{Secret(std::move(seed)), std::move(public_key)};
}

}  // namespace

KeyPair make_x25519(Random& random) {
  return x25519_pair(random.bytes(kKeyBytes));
}

KeyPair make_ed25519(Random& random) {
  return ed25519_pair(random.bytes(kKeyBytes));
}

Result<KeyPair> x25519_from_private(const Secret& private_key) {
  if (private_key.reveal().size() != kKeyBytes) {
    return wrong_length("an X25519 private key", private_key.reveal().size());
  }
  return x25519_pair(private_key.reveal());
}

Result<KeyPair> ed25519_from_seed(const Secret& seed) {
  if (seed.reveal().size() != kKeyBytes) {
    return wrong_length("an Ed25519 seed", seed.reveal().size());
  }
  return ed25519_pair(seed.reveal());
}

}  // namespace orama::crypto
