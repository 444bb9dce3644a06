#include "common/crypto/peer_id.h"

#include <string>

#include <doctest/doctest.h>

#include "common/api/database_users.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/secret.h"

namespace orama::crypto {
namespace {

// The test vector of libp2p/specs peer-ids (Ed25519).
constexpr const char* kSeed = "7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d";
constexpr const char* kPrivate =
    "080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d1ed1e8fae2c4a144b8be8"
    "fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";

TEST_CASE("a libp2p key is written as its specification has it") {
  const KeyPair pair = ed25519_from_seed(Secret(from_hex(kSeed).value())).value();
  CHECK(to_hex(from_base64(libp2p_private_key(pair).reveal()).value()) == kPrivate);
}

TEST_CASE("peer ids are told from what is none") {
  const KeyPair pair = ed25519_from_seed(Secret(from_hex(kSeed).value())).value();
  const std::string id = peer_id_of(pair.public_key);
  CHECK(id.size() == 52);
  CHECK(id.starts_with("12D3KooW"));
  CHECK(is_peer_id(id));
  CHECK_FALSE(is_peer_id(""));
  CHECK_FALSE(is_peer_id(id.substr(1)));
  CHECK_FALSE(is_peer_id(id + "1"));
  CHECK_FALSE(is_peer_id("1" + id));
  CHECK_FALSE(is_peer_id("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"));  // of an RSA key
  CHECK_FALSE(is_peer_id(id + "/p2p"));
  CHECK_FALSE(is_peer_id(std::string(200, '1')));
}

TEST_CASE("databases and users have passwords of their own") {
  const Secret key(std::string(32, 'k'));
  const std::string one = api::database_password(key, "default", "gateway").reveal();
  CHECK(one.size() == 43);
  CHECK(one == api::database_password(key, "default", "gateway").reveal());
  CHECK(one != api::database_password(key, "default", "agent").reveal());
  CHECK(one != api::database_password(key, "defaultgateway", "").reveal());
  CHECK(one != api::database_password(Secret(std::string(32, 'l')), "default", "gateway").reveal());
}

}  // namespace
}  // namespace orama::crypto
