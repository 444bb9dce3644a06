#include "common/crypto/box.h"

#include <sodium.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "common/crypto/keys.h"
#include "common/crypto/random.h"
#include "common/crypto/secret.h"
#include "common/result.h"

namespace orama::crypto {
namespace {

constexpr std::size_t kKeyBytes = 32;
static_assert(kSealedOverhead == crypto_box_SEALBYTES);
static_assert(kBoxOverhead == crypto_box_NONCEBYTES + crypto_box_MACBYTES);
static_assert(crypto_box_PUBLICKEYBYTES == kKeyBytes && crypto_box_SECRETKEYBYTES == kKeyBytes);

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* raw(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

Error not_opened() {
  return make_error(Errc::invalid_argument,
                    "the message cannot be opened: it was changed, cut off or is for another key");
}

Error weak_key() {
  return make_error(Errc::invalid_argument, "the public key is of low order");
}

}  // namespace

Result<std::string> seal_to(std::string_view public_key, std::string_view message) {
  ORAMA_ASSERT(public_key.size() == kKeyBytes);
  std::string sealed(message.size() + crypto_box_SEALBYTES, '\0');
  if (crypto_box_seal(raw(sealed), raw(message), message.size(), raw(public_key)) != 0) {
    return weak_key();
  }
  return sealed;
}

Result<std::string> open_sealed(const KeyPair& recipient, std::string_view sealed) {
  if (sealed.size() < crypto_box_SEALBYTES) {
    return not_opened();
  }
  std::string message(sealed.size() - crypto_box_SEALBYTES, '\0');
  if (crypto_box_seal_open(raw(message), raw(sealed), sealed.size(), raw(recipient.public_key),
                           raw(recipient.private_key.reveal())) != 0) {
    return not_opened();
  }
  return message;
}

Result<std::string> box_to(std::string_view public_key, const Secret& sender, Random& random,
                           std::string_view message) {
  ORAMA_ASSERT(public_key.size() == kKeyBytes && sender.reveal().size() == kKeyBytes);
  std::string out = random.bytes(crypto_box_NONCEBYTES);
  std::string box(message.size() + crypto_box_MACBYTES, '\0');
  if (crypto_box_easy(raw(box), raw(message), message.size(), raw(std::string_view(out)),
                      raw(public_key), raw(std::string_view(sender.reveal()))) != 0) {
    return weak_key();
  }
  return out + box;
}

Result<std::string> open_box(std::string_view sender_public_key, const Secret& recipient,
                             std::string_view box) {
  ORAMA_ASSERT(sender_public_key.size() == kKeyBytes && recipient.reveal().size() == kKeyBytes);
  if (box.size() < kBoxOverhead) {
    return not_opened();
  }
  const std::string_view nonce = box.substr(0, crypto_box_NONCEBYTES);
  const std::string_view cipher = box.substr(crypto_box_NONCEBYTES);
  std::string message(cipher.size() - crypto_box_MACBYTES, '\0');
  if (crypto_box_open_easy(raw(message), raw(cipher), cipher.size(), raw(nonce),
                           raw(sender_public_key),
                           raw(std::string_view(recipient.reveal()))) != 0) {
    return not_opened();
  }
  return message;
}

Result<std::string> x25519_of_identity(std::string_view ed25519_public_key) {
  ORAMA_ASSERT(ed25519_public_key.size() == kKeyBytes);
  std::string converted(kKeyBytes, '\0');
  if (crypto_sign_ed25519_pk_to_curve25519(raw(converted), raw(ed25519_public_key)) != 0) {
    return make_error(Errc::invalid_argument, "the identity key is no point of the curve");
  }
  return converted;
}

Result<KeyPair> x25519_of_identity(const Secret& ed25519_seed) {
  if (ed25519_seed.reveal().size() != kKeyBytes) {
    return make_error(Errc::invalid_argument, "an Ed25519 seed is 32 bytes");
  }
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_key{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_key{};
  std::string scalar(kKeyBytes, '\0');
  const bool converted =
      crypto_sign_seed_keypair(public_key.data(), secret_key.data(),
                               raw(std::string_view(ed25519_seed.reveal()))) == 0 &&
      crypto_sign_ed25519_sk_to_curve25519(raw(scalar), secret_key.data()) == 0;
  sodium_memzero(secret_key.data(), secret_key.size());
  ORAMA_ASSERT(converted);
  return x25519_from_private(Secret(std::move(scalar)));
}

}  // namespace orama::crypto
