#include "installers/agent/uapi_text.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using orama::Errc;

namespace {

// RFC 7748 section 6.1: Alice's private and public key.
constexpr const char* kPrivate = "77076d0a7318a57d3c16c17251b26645c6b2f0d7b1e9e4e2fd8a9dbd8b8f1c6a";
const std::string kPeerHex(64, 'c');

std::string answer(const std::string& lines) {
  return lines + "errno=0\n\n";
}

}  // namespace

TEST_CASE("an answer gives the device's public key, never its private one") {
  const auto state = parse_uapi_get_answer(
      answer("private_key=" + std::string(kPrivate) + "\nlisten_port=51820\n"));
  REQUIRE(state.ok());
  const auto pair = orama::crypto::x25519_from_private(
      orama::crypto::Secret(orama::crypto::from_hex(kPrivate).value()));
  CHECK(state->public_key == pair->public_key);
  CHECK(state->public_key != orama::crypto::from_hex(kPrivate).value());
  CHECK(state->listen_port == 51820);
  CHECK(state->peers.empty());
}

TEST_CASE("peers are read with address, endpoint, handshake and counters") {
  const auto state = parse_uapi_get_answer(answer(
      "listen_port=51820\npublic_key=" + kPeerHex +
      "\nendpoint=[2001:db8::2]:51820\nlast_handshake_time_sec=1732449612\nlast_handshake_time_"
      "nsec=9\n"
      "rx_bytes=18446744073709551615\ntx_bytes=92\nallowed_ip=10.0.0.2/32\nprotocol_version=1\n"
      "public_key=" +
      std::string(64, 'd') + "\nlast_handshake_time_sec=0\n"));
  REQUIRE(state.ok());
  REQUIRE(state->peers.size() == 2);
  const MeshPeer& first = state->peers[0];
  CHECK(first.public_key == std::string(32, '\xcc'));
  CHECK(first.endpoint == "[2001:db8::2]:51820");
  CHECK(first.mesh_ip == orama::mesh::IpAddress::parse("10.0.0.2").value());
  CHECK(first.last_handshake == std::chrono::seconds(1732449612));
  CHECK(first.received_bytes == UINT64_MAX);
  CHECK(first.sent_bytes == 92);
  CHECK_FALSE(state->peers[1].last_handshake.has_value());
  CHECK(state->peers[1].endpoint.empty());
}

TEST_CASE("what the agent did not put there is shown as unknown") {
  const auto state = parse_uapi_get_answer(answer(
      "public_key=" + kPeerHex + "\nallowed_ip=10.0.0.0/24\nendpoint=[fe80::1%eth0]:51820\n"));
  REQUIRE(state.ok());
  CHECK_FALSE(state->peers[0].mesh_ip.has_value());
  CHECK(state->peers[0].endpoint.empty());
}

TEST_CASE("answers that are not whole or not numbers are refused") {
  const std::vector<std::string> bad = {
      "",
      "\n",
      "errno=0",  // no empty line: cut off
      "errno=0\n",
      "listen_port=51820\n\n",  // no errno
      "errno=0\n\nmore\n",
      "errno=zero\n\n",
      "errno=99999999999999999999\n\n",
      "listen_port=65536\nerrno=0\n\n",
      "listen_port=-1\nerrno=0\n\n",
      "private_key=abcd\nerrno=0\n\n",
      "private_key=" + std::string(64, 'z') + "\nerrno=0\n\n",
      "public_key=" + std::string(62, 'c') + "\nerrno=0\n\n",
      "public_key=" + kPeerHex + "\nrx_bytes=1x\nerrno=0\n\n",
      "public_key=" + kPeerHex + "\nlast_handshake_time_sec=-5\nerrno=0\n\n",
      "no equals sign\nerrno=0\n\n",
  };
  for (const std::string& text : bad) {
    CAPTURE(text);
    CHECK_FALSE(parse_uapi_get_answer(text).ok());
  }
}

TEST_CASE("a refusal names the errno in words and no key") {
  const auto refused = parse_uapi_set_answer("errno=-22\n\n");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message ==
        "the WireGuard device refused the request: errno -22 (Invalid argument)");
  CHECK(parse_uapi_set_answer("errno=0\n\n").ok());

  const auto broken =
      parse_uapi_get_answer("private_key=" + std::string(kPrivate) + "00\nerrno=0\n\n");
  REQUIRE_FALSE(broken.ok());
  CHECK(broken.error().full_message().find("77076d") == std::string::npos);
}

TEST_CASE("requests are written as the interface wants them") {
  const orama::crypto::Secret key(std::string(32, '\x01'));
  CHECK(uapi_identity_request(key, 51820).reveal() ==
        "set=1\nprivate_key=" + std::string("01010101010101010101010101010101") +
            "01010101010101010101010101010101\nlisten_port=51820\n\n");

  using Action = MeshPeerChange::Action;
  const auto address = orama::mesh::IpAddress::parse("10.0.0.2").value();
  const std::string peer(32, '\xcc');
  const auto request = uapi_peers_request({{Action::set, peer, address, "203.0.113.12:51820"},
                                           {Action::set_endpoint, peer, address, "[2001:db8::9]:1"},
                                           {Action::remove, peer, std::nullopt, ""}});
  REQUIRE(request.ok());
  CHECK(*request ==
        "set=1\n"
        "public_key=" +
            kPeerHex +
            "\nreplace_allowed_ips=true\nallowed_ip=10.0.0.2/32\n"
            "persistent_keepalive_interval=25\nendpoint=203.0.113.12:51820\n"
            "public_key=" +
            kPeerHex +
            "\nupdate_only=true\nendpoint=[2001:db8::9]:1\n"
            "public_key=" +
            kPeerHex + "\nremove=true\n\n");
}

TEST_CASE("a request is not written from what the device would misread") {
  using Action = MeshPeerChange::Action;
  const auto v4 = orama::mesh::IpAddress::parse("10.0.0.2").value();
  const auto v6 = orama::mesh::IpAddress::parse("2001:db8::2").value();
  const std::string key(32, 'k');
  const std::vector<MeshPeerChange> bad = {
      {Action::set, std::string(31, 'k'), v4, ""},
      {Action::set, key, std::nullopt, ""},
      {Action::set, key, v6, ""},
      {Action::set, key, v4, "node2.example.com:51820"},
      {Action::set, key, v4, "203.0.113.12:51820\nprivate_key=00"},
      {Action::set, key, v4, "203.0.113.12:0"},
  };
  for (const MeshPeerChange& change : bad) {
    CAPTURE(change.endpoint);
    const auto request = uapi_peers_request({change});
    REQUIRE_FALSE(request.ok());
    CHECK(request.error().code == Errc::invalid_argument);
  }
}
