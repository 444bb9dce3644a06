#include "gateway/cluster/member_links.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/crypto/encoding.h"
#include "common/json.h"
#include "common/link/identity.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/cluster_view.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/redemption.h"
#include "gateway/cluster/registry_error.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/links/links.h"

namespace orama::gateway::cluster {
namespace {

using namespace std::chrono_literals;
using backends::Consistency;
using backends::Statement;
using backends::Value;
using links::Reply;
using nlohmann::json;

constexpr int kProtocol = 1;
constexpr auto kSealPatience = 10s;

// The same fields as an error of the API has, so that one reader serves both.
Reply refusal(const Error& error) {
  const http::ApiError api = registry_error(error);
  return Reply(
      http::http_status(api.code),
      {{"error", error.message}, {"code", http::wire_name(api.code)}, {"hint", error.hint}});
}

Reply ok() {
  return Reply(200, {{"status", "ok"}});
}

links::LinksOptions options_of(const OwnNode& own) {
  links::LinksOptions options;
  options.own_id = own.id;
  return options;
}

}  // namespace

MemberLinks::MemberLinks(Parts parts, link::LinkIdentity identity)
    : parts_(std::move(parts)),
      links_(parts_.context, std::move(identity), options_of(parts_.own),
             {[this] { return hello(); },
              [this](std::string key) { return is_known(std::move(key)); }},
             parts_.random, parts_.log) {
  links_.on_hello([this](const std::string& id, const json& hello) {
    parts_.peers.set_version(id, text_of(hello, "version"));
  });
  links_.on_up([this](const std::string& id) {
    parts_.log.info("link is up", {{"node", id}});
    parts_.peers.set_up(id, true);
  });
  links_.on_down([this](const std::string& id, const std::string& reason) {
    parts_.log.info("link is down", {{"node", id}, {"reason", reason}});
    parts_.peers.set_up(id, false);
  });
  links_.on_message([this](const std::string& id, const json& message) { received(id, message); });
  links_.on_request("/v1/secrets",
                    [this](links::Caller caller, json) { return secrets(std::move(caller)); });
  links_.on_request("/v1/confirm",
                    [this](links::Caller caller, json) { return confirm(std::move(caller)); });
  links_.on_request("/v1/release",
                    [this](links::Caller caller, json) { return release(std::move(caller)); });
}

json MemberLinks::hello() const {
  const auto state = parts_.membership.state();
  return {{"id", parts_.own.id},
          {"cluster", parts_.own.cluster_id},
          {"generation", state->cluster ? state->cluster->generation : 0},
          {"version", parts_.own.version},
          {"protocol", kProtocol}};
}

void MemberLinks::membership_changed() {
  std::vector<links::Peer> peers;
  const auto state = parts_.membership.state();
  for (const NodeRow& node : state->nodes) {
    if (!node.is_member()) {
      parts_.peers.forget(node.id);
      continue;
    }
    const auto key = crypto::from_base64(node.node_key);
    const auto address = mesh::IpAddress::parse(node.mesh_ip);
    if (!key.ok() || !address.ok()) {
      parts_.log.error("a node's row is not usable for a link", {{"node", node.id}});
      continue;
    }
    peers.push_back(links::Peer{node.id, *address, *key});
  }
  links_.set_peers(std::move(peers));
}

void MemberLinks::tell_report(const api::Actual& actual) {
  json message = {{"type", "actual"}, {"actual", actual.to_json()}};
  asio::post(parts_.context, [this, message = std::move(message)] {
    links_.broadcast(message, links::Delivery::latest_only);
  });
}

void MemberLinks::hint() {
  asio::post(parts_.context,
             [this] { links_.broadcast({{"type", "hint"}}, links::Delivery::latest_only); });
}

void MemberLinks::received(const std::string& id, const json& message) {
  const std::string type = text_of(message, "type");
  if (type == "hint") {
    parts_.membership.poke();
  } else if (type == "actual") {
    auto actual = message.contains("actual") ? api::Actual::from_json(message.at("actual"))
                                             : Result<api::Actual>(api::Actual());
    if (actual.ok()) {
      parts_.peers.receive(id, std::move(actual).value());
    } else {
      parts_.log.warn("a member's report is not readable",
                      {{"node", id}, {"reason", actual.error().message}});
    }
  }
  // Other types are of later versions.
}

Awaitable<bool> MemberLinks::is_known(std::string key) {
  Statement statement(
      "SELECT id FROM nodes WHERE node_key = ? AND state IN ('redeemed', 'ready', 'leaving')",
      std::vector<Value>(1, Value(crypto::to_base64(key))));
  const auto rows = co_await parts_.registry.query(std::move(statement), Consistency::linearizable);
  if (!rows.ok()) {
    parts_.log.warn("a key that asks for a link cannot be looked up",
                    {{"reason", rows.error().message}});
  }
  co_return rows.ok() && !rows->rows.empty();
}

// Read anew: what a joiner claims is judged by the registry, not by what is remembered.
Awaitable<Result<NodeClaim>> MemberLinks::claim_of(const links::Caller& caller) {
  NodeClaim claim;
  claim.node_key = crypto::to_base64(caller.key);
  Statement statement("SELECT id FROM nodes WHERE node_key = ?",
                      std::vector<Value>(1, Value(claim.node_key)));
  CO_TRY(rows, co_await parts_.registry.query(std::move(statement), Consistency::linearizable));
  const auto* id =
      rows.rows.empty() ? nullptr : std::get_if<std::string>(&rows.rows.front().front());
  if (id == nullptr) {
    co_return make_error(Errc::not_found, "no node of this cluster has that key");
  }
  claim.node_id = *id;
  claim.now_ms = to_unix_ms(parts_.clock.wall_now());
  co_return claim;
}

Awaitable<Reply> MemberLinks::secrets(links::Caller caller) {
  const auto claim = co_await claim_of(caller);
  if (!claim.ok()) {
    co_return refusal(claim.error());
  }
  api::Desired::Seal seal;
  seal.id = claim->node_id;
  seal.node_key = claim->node_key;
  const auto state = parts_.membership.state();
  if (const NodeRow* node = state->find(seal.id)) {
    seal.roles = node->roles;
  }
  parts_.log.info("a node asks for the cluster's secrets", {{"node", seal.id}});
  const auto sealed = co_await parts_.seals.ask(std::move(seal), kSealPatience);
  if (!sealed.ok()) {
    parts_.log.warn("the cluster's secrets were not sealed",
                    {{"node", claim->node_id}, {"reason", sealed.error().message}});
    co_return refusal(sealed.error());
  }
  co_return Reply(200, {{"sealed", crypto::to_base64(*sealed)}});
}

Awaitable<Reply> MemberLinks::confirm(links::Caller caller) {
  auto claim = co_await claim_of(caller);
  if (!claim.ok()) {
    co_return refusal(claim.error());
  }
  const std::string id = claim->node_id;
  const auto confirmed = co_await confirm_node(&parts_.registry, std::move(*claim));
  parts_.membership.announce();
  if (!confirmed.ok()) {
    co_return refusal(confirmed.error());
  }
  parts_.log.info("a node has confirmed", {{"node", id}});
  co_return ok();
}

Awaitable<Reply> MemberLinks::release(links::Caller caller) {
  auto claim = co_await claim_of(caller);
  if (!claim.ok()) {
    co_return refusal(claim.error());
  }
  const std::string id = claim->node_id;
  const auto released = co_await release_node(&parts_.registry, std::move(*claim));
  parts_.membership.announce();
  if (!released.ok()) {
    co_return refusal(released.error());
  }
  parts_.log.info("a node was released at its own request", {{"node", id}});
  co_return ok();
}

}  // namespace orama::gateway::cluster
