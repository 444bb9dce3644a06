#include "common/crypto/hash.h"

#include <sodium.h>

#include <cassert>
#include <string>
#include <string_view>

namespace orama::crypto {

namespace {

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

std::string sha256(std::string_view bytes) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()), raw(bytes), bytes.size());
  return digest;
}

std::string blake2b_256(std::string_view bytes) {
  std::string digest(32, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(digest.data()), digest.size(), raw(bytes),
                     bytes.size(), nullptr, 0);
  return digest;
}

std::string keyed_blake2b_256(std::string_view key, std::string_view bytes) {
  assert(key.size() >= crypto_generichash_KEYBYTES_MIN &&
         key.size() <= crypto_generichash_KEYBYTES_MAX);
  std::string digest(32, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(digest.data()), digest.size(), raw(bytes),
                     bytes.size(), raw(key), key.size());
  return digest;
}

}  // namespace orama::crypto
