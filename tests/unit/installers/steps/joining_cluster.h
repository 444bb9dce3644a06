// A cluster of one gateway in memory, for the tests of a host that joins: it opens what the joiner
// seals and answers as told. The joiner's half runs for real.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/http_client.h"
#include "common/join/exchange.h"
#include "common/join/messages.h"
#include "common/join/token.h"
#include "common/json.h"
#include "common/mesh/ip_address.h"
#include "installers/steps/join_call.h"
#include "tests/support/fake_host.h"

namespace orama::tests {

struct JoiningCluster {
  FixedRandom random;
  crypto::KeyPair join_key = crypto::make_x25519(random);
  join::JoinToken token{"invite-1", crypto::Secret(std::string(16, 's')), join_key.public_key};
  join::Grant grant = make_grant();
  std::optional<join::Refusal> refusal;
  int silent_calls = 0;                           // the first ones answer 401, unsealed
  std::function<void(std::string&)> tamper = {};  // with the answer's body
  std::optional<join::Request> asked;
  int calls = 0;

  static std::string base64_key(char fill, bool identity) {
    const crypto::Secret secret(std::string(32, fill));
    return crypto::to_base64(identity ? crypto::ed25519_from_seed(secret).value().public_key
                                      : crypto::x25519_from_private(secret).value().public_key);
  }

  static join::Peer peer(int number, char fill) {
    join::Peer peer;
    peer.id = "node_" + std::to_string(number);
    peer.name = "node" + std::to_string(number);
    peer.mesh_ip = mesh::IpAddress::parse("10.0.0." + std::to_string(number)).value();
    peer.wg_public_key = base64_key(fill, false);
    peer.node_key = base64_key(fill, true);
    peer.endpoints = {"203.0.113.1" + std::to_string(number) + ":51820"};
    return peer;
  }

  static join::Grant make_grant() {
    join::Grant grant;
    grant.cluster_id = "cluster_0192d3f8-7a6b-7c3d-9e4f-0000000000ff";
    grant.cluster_name = grant.base_domain = "example.com";
    grant.mesh_cidr = mesh::Cidr::parse("10.0.0.0/24").value();
    grant.node_id = "node_9";
    grant.node_name = "web9";
    grant.mesh_ip = mesh::IpAddress::parse("10.0.0.9").value();
    grant.peers = {peer(1, 'a'), peer(2, 'b')};
    grant.observed = "203.0.113.99";
    grant.time = "2026-11-24T12:00:00.000Z";
    return grant;
  }

  Result<HttpResponse> answer(const HttpRequest& request) {
    if (request.url.find("/admin/nodes/") != std::string::npos) {
      return HttpResponse{200, {}, "{}"};  // the node's own gateway
    }
    if (request.url.find(join::kJoinPath) == std::string::npos) {
      return make_error(Errc::unreachable, "nothing answers");
    }
    ++calls;
    if (silent_calls > 0) {
      --silent_calls;
      return HttpResponse{
          401, {{"retry-after", "5"}}, R"({"code":"INVITE_UNKNOWN","error":"<b>"})"};
    }
    const auto envelope = join::parse_envelope(parse_json(request.body).value()).value();
    const auto opened = join::open_request(envelope, join_key).value();
    asked = opened.request;
    const join::Answer message = refusal ? join::Answer(*refusal) : join::Answer(grant);
    std::string body = join::seal_answer(message, opened, join_key, random).value();
    if (tamper) {
      tamper(body);
    }
    return HttpResponse{200, {}, body};
  }

  installers::JoinOrder order() const {
    installers::JoinOrder order;
    order.url = "https://node1.example.com";
    order.token = token;
    order.name = "web9";
    order.version = "0.1.0";
    return order;
  }

  void serve(FakeHost& fake) {
    fake.http.on_request([this](const HttpRequest& request) { return answer(request); });
  }
};

// What the steps before the redemption leave.
inline void put_own_keys(FakeHost& fake) {
  for (const auto& [name, fill] : {std::pair{"wireguard.key", 'w'}, std::pair{"node.key", 'n'}}) {
    fake.files.put("/etc/orama/secrets/" + std::string(name),
                   crypto::to_base64(std::string(32, fill)) + "\n", {0600});
  }
  fake.files.put_directory("/var/lib/orama/install", {0700});
  fake.files.put_directory("/var/lib/orama/agent", {0755});
}

}  // namespace orama::tests
