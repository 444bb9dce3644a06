#include "common/crypto/box.h"

#include <string>

#include <doctest/doctest.h>

#include "common/crypto/keys.h"
#include "common/crypto/random.h"
#include "common/result.h"

namespace orama::crypto {
namespace {

TEST_CASE("what is sealed to a key opens with its pair and with no other") {
  SystemRandom random;
  const KeyPair to = make_x25519(random);
  const KeyPair other = make_x25519(random);
  for (const std::string& message : {std::string(), std::string("x"), std::string(5000, 'm')}) {
    const std::string sealed = seal_to(to.public_key, message).value();
    CHECK(sealed.size() == message.size() + kSealedOverhead);
    CHECK(open_sealed(to, sealed).value() == message);
    CHECK_FALSE(open_sealed(other, sealed).ok());
  }
  CHECK_FALSE(open_sealed(to, std::string(kSealedOverhead - 1, 'x')).ok());
  CHECK_FALSE(seal_to(std::string(32, '\0'), "m").ok());
}

TEST_CASE("a sealed message that was changed or cut anywhere does not open") {
  SystemRandom random;
  const KeyPair to = make_x25519(random);
  const std::string sealed = seal_to(to.public_key, "a secret").value();
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(open_sealed(to, changed).ok());
    CHECK_FALSE(open_sealed(to, sealed.substr(0, i)).ok());
  }
}

TEST_CASE("a box proves its sender") {
  SystemRandom random;
  const KeyPair from = make_x25519(random);
  const KeyPair to = make_x25519(random);
  const KeyPair other = make_x25519(random);
  const std::string box = box_to(to.public_key, from.private_key, random, "an answer").value();
  CHECK(box.size() == 9 + kBoxOverhead);
  CHECK(open_box(from.public_key, to.private_key, box).value() == "an answer");
  CHECK_FALSE(open_box(other.public_key, to.private_key, box).ok());
  CHECK_FALSE(open_box(from.public_key, other.private_key, box).ok());
  CHECK_FALSE(open_box(from.public_key, to.private_key, box.substr(0, kBoxOverhead - 1)).ok());
}

TEST_CASE("what is sealed to an identity opens with its seed") {
  SystemRandom random;
  const KeyPair identity = make_ed25519(random);
  const std::string to = x25519_of_identity(identity.public_key).value();
  const KeyPair pair = x25519_of_identity(identity.private_key).value();
  CHECK(pair.public_key == to);
  CHECK(open_sealed(pair, seal_to(to, "for a node").value()).value() == "for a node");
  CHECK_FALSE(x25519_of_identity(std::string(32, '\xff')).ok());
}

}  // namespace
}  // namespace orama::crypto
