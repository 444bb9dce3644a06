#include "common/join/exchange.h"

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/api/fields.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/random.h"
#include "common/crypto/secret.h"
#include "common/join/messages.h"
#include "common/join/token.h"
#include "common/json.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::join {
namespace {

using nlohmann::json;

// A cluster, a token of it, and a host that joins.
struct Scene {
  crypto::SystemRandom random;
  crypto::KeyPair join_key = crypto::make_x25519(random);
  JoinToken token;
  Request request;
  Grant grant;

  Scene() {
    token.invite = random.bytes(8);
    token.secret = crypto::Secret(random.bytes(16));
    token.join_key = join_key.public_key;
    request.wg_public_key = crypto::to_base64(crypto::make_x25519(random).public_key);
    request.node_key = crypto::to_base64(crypto::make_ed25519(random).public_key);
    request.name = "node2";
    request.addresses = {"203.0.113.12", "2001:db8::12"};
    request.wg_port = 51820;
    request.roles = {"nameserver"};
    request.version = "0.1.0";
    request.arch = "amd64";
    request.time = "2026-11-28T00:00:00Z";
    grant.cluster_id = "cluster_a";
    grant.cluster_name = grant.base_domain = "example.com";
    grant.mesh_cidr = mesh::Cidr::parse_mesh("10.0.0.0/24").value();
    grant.node_id = "node_b";
    grant.node_name = "node2";
    grant.mesh_ip = mesh::IpAddress::parse("10.0.0.2").value();
    grant.peers.push_back(peer("node_a", "node1", "10.0.0.1"));
    grant.time = "2026-11-28T00:00:01Z";
  }

  Peer peer(const std::string& id, const std::string& name, const std::string& mesh_ip) {
    Peer peer;
    peer.id = id;
    peer.name = name;
    peer.mesh_ip = mesh::IpAddress::parse(mesh_ip).value();
    peer.wg_public_key = crypto::to_base64(crypto::make_x25519(random).public_key);
    peer.node_key = crypto::to_base64(crypto::make_ed25519(random).public_key);
    peer.endpoints = {"203.0.113.11:51820"};
    return peer;
  }
  SealedRequest asked() { return seal_request(request, token, random).value(); }
  OpenedRequest opened(const SealedRequest& asked) {
    const auto envelope = parse_envelope(parse_json(asked.body).value());
    REQUIRE(envelope.ok());
    return open_request(*envelope, join_key).value();
  }
};

TEST_CASE("a request arrives as it was made, and its grant comes back") {
  Scene s;
  const SealedRequest asked = s.asked();
  CHECK(asked.body.size() < kMaxBodyBytes);
  CHECK(asked.body.find("node2") == std::string::npos);
  const OpenedRequest opened = s.opened(asked);
  CHECK(opened.invite == s.token.invite);
  CHECK(opened.request.secret.reveal() == s.token.secret.reveal());
  CHECK(opened.request.name == "node2");
  CHECK(opened.request.endpoints(s.grant.mesh_cidr).value() ==
        std::vector<std::string>{"203.0.113.12:51820", "[2001:db8::12]:51820"});

  s.grant.heard = Heard{148, "203.0.113.12:51820", "2026-11-28T00:00:01Z"};
  const std::string body = seal_answer(s.grant, opened, s.join_key, s.random).value();
  CHECK(body.find("node_b") == std::string::npos);
  const auto answer = open_answer(body, asked, s.token);
  REQUIRE(answer.ok());
  const auto& grant = std::get<Grant>(*answer);
  CHECK(grant.to_json() == s.grant.to_json());
}

TEST_CASE("a refusal is sealed too") {
  Scene s;
  const SealedRequest asked = s.asked();
  const Refusal no{409, "INVITE_USED", "it was redeemed", "ask for another",
                   "2026-11-28T00:00:01Z"};
  const std::string body = seal_answer(no, s.opened(asked), s.join_key, s.random).value();
  const auto refusal = std::get<Refusal>(open_answer(body, asked, s.token).value());
  CHECK(refusal.status == 409);
  CHECK(refusal.code == "INVITE_USED");
  CHECK(refusal.hint == "ask for another");
}

TEST_CASE("nobody in between can answer, replay or change anything") {
  Scene s;
  const SealedRequest asked = s.asked();
  const OpenedRequest opened = s.opened(asked);
  const std::string body = seal_answer(s.grant, opened, s.join_key, s.random).value();
  // another cluster's key, an answer to another request, an answer for another joiner
  const crypto::KeyPair other = crypto::make_x25519(s.random);
  CHECK_FALSE(
      open_answer(seal_answer(s.grant, opened, other, s.random).value(), asked, s.token).ok());
  CHECK_FALSE(open_answer(body, s.asked(), s.token).ok());
  SealedRequest replayed = s.asked();
  replayed.reply_key = asked.reply_key;
  CHECK_FALSE(open_answer(body, replayed, s.token).ok());
  for (const char* text : {"", "{}", "null", "[]", R"({"sealed":5})", R"({"sealed":"AAAA"})",
                           R"({"error":"INVITE_USED"})"}) {
    CHECK(open_answer(text, asked, s.token).error().code == Errc::not_allowed);
  }
  const std::string sealed =
      crypto::from_base64(parse_json(body)->at("sealed").get<std::string>()).value();
  for (std::size_t i = 0; i < sealed.size(); i += 7) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    CHECK_FALSE(
        open_answer(json{{"sealed", crypto::to_base64(changed)}}.dump(), asked, s.token).ok());
  }
}

TEST_CASE("a request for another cluster, or changed on its way, does not open") {
  Scene s;
  const auto envelope = parse_envelope(parse_json(s.asked().body).value()).value();
  CHECK(open_request(envelope, crypto::make_x25519(s.random)).error().message.find("sealed") !=
        std::string::npos);
  Envelope changed = envelope;
  changed.sealed[40] = static_cast<char>(changed.sealed[40] ^ 1);
  CHECK_FALSE(open_request(changed, s.join_key).ok());
  CHECK_FALSE(parse_envelope(json::parse(R"({"invite":"AQID","sealed":"AAAA"})")).ok());
  CHECK_FALSE(parse_envelope(json::parse(R"({"sealed":"AAAA"})")).ok());
}

std::string field_of(const Result<Request>& request) {
  return request.ok() ? "" : api::split_field_error(request.error()).field;
}

TEST_CASE("every hostile field of a request is named and refused") {
  Scene s;
  s.request.secret = s.token.secret;
  s.request.reply_key = crypto::make_x25519(s.random).public_key;
  const json good = s.request.to_json();
  REQUIRE(Request::from_json(good).ok());
  const std::string zero_key = crypto::to_base64(std::string(32, '\0'));
  const std::vector<std::pair<std::string, json>> hostile = {
      {"v", 2},
      {"secret", "AAAA"},
      {"reply_key", zero_key},
      {"wg_public_key", zero_key},
      {"wg_public_key", "x\nPostUp = rm -rf /"},
      {"node_key", zero_key},
      {"name", "node2\nExecStart=/bin/sh"},
      {"name", "Node2"},
      {"name", "-x"},
      {"name", std::string(64, 'a')},
      {"name", "$(reboot)"},
      {"addresses", json::array({"203.0.113.12; reboot"})},
      {"addresses", json(std::vector<std::string>(kMaxAddresses + 1, "203.0.113.12"))},
      {"addresses", json(std::vector<std::string>(10'000, "203.0.113.12"))},
      {"addresses", "203.0.113.12"},
      {"wg_port", 0},
      {"wg_port", 65536},
      {"wg_port", "51820"},
      {"roles", json::array({"root"})},
      {"version", ""},
      {"arch", std::string(65, 'a')},
      {"time", json()},
  };
  for (const auto& [field, value] : hostile) {
    CAPTURE(field);
    json body = good;
    body[field] = value;
    CHECK(field_of(Request::from_json(body)) == field);
  }
  json most = good;
  most["addresses"] = std::vector<std::string>(kMaxAddresses, "203.0.113.12");
  most["wg_port"] = 65535;
  most["name"] = std::string(63, 'a');
  CHECK(Request::from_json(most).ok());
}

TEST_CASE("an address that nobody may claim is refused once the range is known") {
  Scene s;
  for (const char* address : {"127.0.0.1", "::1", "169.254.1.1", "fe80::1", "224.0.0.1", "10.0.0.7",
                              "::ffff:10.0.0.7", "0.0.0.0", "255.255.255.255"}) {
    CAPTURE(address);
    s.request.addresses = {address};
    CHECK_FALSE(s.request.endpoints(s.grant.mesh_cidr).ok());
  }
  const auto loopback =
      mesh::Cidr::parse_mesh("127.77.0.0/24", mesh::Cidr::Use::development).value();
  CHECK(s.request.endpoints(loopback)->empty());
}

TEST_CASE("a grant that contradicts itself is refused") {
  Scene s;
  const json good = s.grant.to_json();
  REQUIRE(Grant::from_json(good).ok());
  const std::vector<std::function<void(json&)>> edits = {
      [](json& g) { g["node"]["mesh_ip"] = "10.0.1.2"; },
      [](json& g) { g["node"]["mesh_ip"] = "10.0.0.0"; },
      [](json& g) { g["node"]["mesh_ip"] = "10.0.0.255"; },
      [](json& g) { g["node"]["mesh_ip"] = "10.0.0.1"; },
      [](json& g) { g["node"]["id"] = "node_a"; },
      [](json& g) { g["peers"].push_back(g["peers"][0]); },
      [](json& g) { g["peers"][0]["endpoints"] = json::array({"10.0.0.9:51820"}); },
      [](json& g) { g["peers"][0]["wg_public_key"] = "nonsense"; },
      [](json& g) { g["cluster"]["mesh_cidr"] = "8.8.8.0/24"; },
      [](json& g) { g.erase("cluster"); },
      [](json& g) { g["cluster"] = 5; },
      [](json& g) { g["v"] = 2; },
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    CAPTURE(i);
    json grant = good;
    edits[i](grant);
    CHECK_FALSE(Grant::from_json(grant).ok());
  }
}

}  // namespace
}  // namespace orama::join
