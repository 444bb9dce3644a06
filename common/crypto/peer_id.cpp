#include "common/crypto/peer_id.h"

#include <cassert>
#include <cstddef>
#include <string>
#include <string_view>

#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/secret.h"

namespace orama::crypto {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kKeyBytes = 32;
// Multihash: identity (0x00), 36 bytes; protobuf PublicKey: type (field 1) Ed25519 (1), data
// (field 2) of 32 bytes.
constexpr std::string_view kIdPrefix = "\x00\x24\x08\x01\x12\x20"sv;
// Protobuf PrivateKey: the same type, data of 64 bytes.
constexpr std::string_view kPrivatePrefix = "\x08\x01\x12\x40"sv;

}  // namespace

std::string peer_id_of(std::string_view public_key) {
  assert(public_key.size() == kKeyBytes);
  return to_base58(std::string(kIdPrefix) + std::string(public_key));
}

bool is_peer_id(std::string_view text) {
  const auto bytes = from_base58(text);
  return bytes.ok() && bytes->size() == kIdPrefix.size() + kKeyBytes &&
         bytes->starts_with(kIdPrefix);
}

Secret libp2p_private_key(const KeyPair& pair) {
  const Secret bytes(std::string(kPrivatePrefix) + pair.private_key.reveal() + pair.public_key);
  return Secret(to_base64(bytes.reveal()));
}

}  // namespace orama::crypto
