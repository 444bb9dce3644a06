#include "common/mesh/names.h"

#include <doctest/doctest.h>

#include <string>

#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/random.h"

namespace orama::mesh {
namespace {

TEST_CASE("node names") {
  for (const std::string& text : {std::string("a"), std::string("node-1"), std::string("0"),
                                  std::string("a--b"), std::string(63, 'x')}) {
    CAPTURE(std::string(text));
    CHECK(parse_node_name(text).value() == text);
  }
  for (const std::string& text :
       {std::string(), std::string("-a"), std::string("a-"), std::string("A"), std::string("a.b"),
        std::string("a_b"), std::string("a b"), std::string("ä"), std::string("a\n"),
        std::string("a\0", 2), std::string(64, 'x')}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(parse_node_name(text).ok());
  }
  CHECK(parse_node_name("Node").error().message ==
        "found \"Node\", expected 1 to 63 of a-z, 0-9 and -, no - at either end");
}

TEST_CASE("ids and roles") {
  CHECK(parse_id("node_0192d4a0-7c1b-7def-8a1b-0123456789ab").ok());
  CHECK(parse_id(std::string(64, 'Z')).ok());
  for (const std::string& text : {std::string(), std::string("a b"), std::string("a/b"),
                                  std::string("a.b"), std::string("é"), std::string(65, 'a')}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(parse_id(text).ok());
  }
  CHECK(parse_role("nameserver").value() == "nameserver");
  CHECK(parse_role("relay").value() == "relay");
  CHECK_FALSE(parse_role("Relay").ok());
  CHECK_FALSE(parse_role("").ok());
}

TEST_CASE("domains are lower-cased and lose one trailing dot") {
  CHECK(parse_domain("Node1.Example.COM.").value() == "node1.example.com");
  CHECK(parse_domain("xn--bcher-kva.example").value() == "xn--bcher-kva.example");
  CHECK(parse_domain("1.2.3.4a").value() == "1.2.3.4a");
  const std::string label(61, 'a');
  const std::string longest =
      label + "." + label + "." + label + "." + label + ".comma";  // 4*62 + 5
  REQUIRE(longest.size() == 253);
  CHECK(parse_domain(longest).ok());
  CHECK(parse_domain(longest + ".").ok());
  CHECK_FALSE(parse_domain(longest + "s").ok());
}

TEST_CASE("what is no domain is refused") {
  for (const std::string& text : {std::string(),
                                  std::string("."),
                                  std::string("localhost"),
                                  std::string("localhost."),
                                  std::string("a..b"),
                                  std::string(".a.b"),
                                  std::string("a.b.."),
                                  std::string("-a.b"),
                                  std::string("a-.b"),
                                  std::string("a_b.c"),
                                  std::string("a b.c"),
                                  std::string("203.0.113.11"),
                                  std::string("a.1"),
                                  std::string("*.example.com"),
                                  std::string("bücher.example"),
                                  std::string("a.b/c"),
                                  std::string("a.b:80"),
                                  std::string("a.b\n"),
                                  std::string(64, 'a') + ".com",
                                  std::string(5000, 'a')}) {
    CAPTURE(std::string(text));
    const auto domain = parse_domain(text);
    REQUIRE_FALSE(domain.ok());
    CHECK(domain.error().message.size() < 200);
  }
}

TEST_CASE("the parent of a domain") {
  CHECK(parent_domain("node1.example.com") == "example.com");
  CHECK(parent_domain("example.com") == "example.com");
  CHECK(parent_domain("a.b.c.d") == "b.c.d");
  CHECK(parent_domain("single") == "single");
}

std::string base64_of(const char* hex) {
  return crypto::to_base64(crypto::from_hex(hex).value());
}

TEST_CASE("WireGuard keys: those that are made are taken, back as bytes") {
  crypto::SystemRandom random;
  for (int i = 0; i < 50; ++i) {
    const std::string key = crypto::make_x25519(random).public_key;
    CHECK(parse_wireguard_key(crypto::to_base64(key)).value() == key);
  }
}

// The points of small order of Curve25519 (RFC 7748 section 7; the list of cr.yp.to/ecdh.html), and
// second spellings of good points.
TEST_CASE("WireGuard keys that give no secret, or that are spelled twice, are refused") {
  for (const char* hex :
       {"0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // 9 + p
        "0900000000000000000000000000000000000000000000000000000000000080"}) {
    CAPTURE(std::string(hex));
    CHECK_FALSE(parse_wireguard_key(base64_of(hex)).ok());
  }
  CHECK(parse_wireguard_key(
            base64_of("0900000000000000000000000000000000000000000000000000000000000000"))
            .ok());
}

TEST_CASE("keys of another length or text are refused") {
  for (const std::string& text : {std::string(), crypto::to_base64(std::string(31, '\1')),
                                  crypto::to_base64(std::string(33, '\1')), std::string(44, '!'),
                                  crypto::to_hex(std::string(32, '\1'))}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(parse_wireguard_key(text).ok());
    CHECK_FALSE(parse_node_key(text).ok());
  }
}

TEST_CASE("node keys: points of the main subgroup only") {
  crypto::SystemRandom random;
  const std::string key = crypto::make_ed25519(random).public_key;
  CHECK(parse_node_key(crypto::to_base64(key)).value() == key);
  for (const char* hex :
       {"0000000000000000000000000000000000000000000000000000000000000000",     // order 4
        "0100000000000000000000000000000000000000000000000000000000000000",     // the identity
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",     // order 2
        "0200000000000000000000000000000000000000000000000000000000000000"}) {  // no point
    CAPTURE(std::string(hex));
    CHECK_FALSE(parse_node_key(base64_of(hex)).ok());
  }
}

}  // namespace
}  // namespace orama::mesh
