#include "common/crypto/keys.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <utility>

#include "common/crypto/encoding.h"
#include "common/crypto/random.h"
#include "common/crypto/secret.h"

namespace orama::crypto {
namespace {

// Gives the bytes it was made with, over and over.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string bytes(std::size_t count) override {
    std::string result;
    while (result.size() < count) {
      result += bytes_;
    }
    return result.substr(0, count);
  }

 private:
  std::string bytes_;
};

Secret secret_of(const char* hex) {
  return Secret(from_hex(hex).value());
}

// Bob's pair of section 6.1, and the first iteration of section 5.2 (scalar and point 9).
TEST_CASE("X25519 public keys of RFC 7748") {
  const auto bob = x25519_from_private(
      secret_of("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  CHECK(to_hex(bob.value().public_key) ==
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const auto nine = x25519_from_private(
      secret_of("0900000000000000000000000000000000000000000000000000000000000000"));
  CHECK(to_hex(nine.value().public_key) ==
        "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
}

TEST_CASE("Ed25519 public keys of RFC 8032 section 7.1") {
  CHECK(to_hex(ed25519_from_seed(
                   secret_of("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
                   .value()
                   .public_key) ==
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  CHECK(to_hex(ed25519_from_seed(
                   secret_of("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
                   .value()
                   .public_key) ==
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
}

TEST_CASE("a new pair is the pair of its own private half, clamped as RFC 7748 section 5 says") {
  FixedRandom random(std::string(1, '\xff'));
  const KeyPair pair = make_x25519(random);
  const std::string& bytes = pair.private_key.reveal();
  REQUIRE(bytes.size() == 32);
  CHECK(static_cast<unsigned char>(bytes[0]) == 0xF8);
  CHECK(static_cast<unsigned char>(bytes[31]) == 0x7F);
  CHECK(x25519_from_private(pair.private_key).value().public_key == pair.public_key);
  const KeyPair identity = make_ed25519(random);
  CHECK(identity.private_key.reveal() == std::string(32, '\xff'));
  CHECK(ed25519_from_seed(identity.private_key).value().public_key == identity.public_key);
}

TEST_CASE("the machine's randomness makes different keys") {
  SystemRandom random;
  CHECK(make_x25519(random).public_key != make_x25519(random).public_key);
  CHECK(make_ed25519(random).public_key != make_ed25519(random).public_key);
}

TEST_CASE("stored bytes of another length are refused") {
  for (const std::size_t length : {0UL, 31UL, 33UL, 64UL}) {
    CAPTURE(length);
    CHECK_FALSE(x25519_from_private(Secret(std::string(length, 'x'))).ok());
    const auto refused = ed25519_from_seed(Secret(std::string(length, 'x')));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message ==
          "reading an Ed25519 seed: found " + std::to_string(length) + " bytes, expected 32");
  }
}

}  // namespace
}  // namespace orama::crypto
