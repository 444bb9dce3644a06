#include "gateway/cluster/node_routes.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/cluster.h"
#include "common/api/fields.h"
#include "common/api/status.h"
#include "common/clock.h"
#include "common/crypto/peer_id.h"
#include "common/mesh/ip_address.h"
#include "common/mesh/names.h"
#include "common/result.h"
#include "gateway/cluster/node_update.h"
#include "gateway/cluster/pause_for.h"
#include "gateway/cluster/registry_error.h"
#include "gateway/cluster/removal_routes.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/json_body.h"
#include "gateway/http/message.h"
#include "gateway/http/route.h"

namespace orama::gateway::cluster {
namespace {

using http::ApiCode;
using http::ApiError;
using http::Caller;
using http::HandlerResult;
using http::Method;
using http::Request;
using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kStep = 20ms, kFollowPatience = 2s;
constexpr std::size_t kLong = 300;

Result<void> read_engines(const api::Fields& fields, NodeUpdate& update) {
  if (!fields.has("engines")) {
    return {};
  }
  TRY(engines, fields.object("engines"));
  for (const auto& [key, peer] : {std::pair("ipfs", &update.ipfs_peer),
                                  std::pair("ipfs_cluster", &update.ipfs_cluster_peer)}) {
    TRY(id, engines.optional_text(key, kLong));
    if (id && !crypto::is_peer_id(*id)) {
      return engines.wrong(key, "the peer id of an Ed25519 key, such as 12D3KooW…");
    }
    *peer = std::move(id);
  }
  return {};
}

Result<NodeUpdate> read_update(const json& body, const mesh::Cidr& mesh_cidr) {
  const api::Fields fields(body);
  NodeUpdate update;
  TRY(name, fields.optional_text("name", kLong));
  if (name) {
    if (!mesh::parse_node_name(*name).ok()) {
      return fields.wrong("name", "1 to 63 of a-z, 0-9 and -, no - at either end");
    }
    update.name = std::move(name);
  }
  if (fields.has("endpoints")) {
    TRY(endpoints, fields.texts("endpoints", api::kMaxEndpoints, kLong));
    for (const std::string& endpoint : endpoints) {
      if (auto good = api::check_endpoint(endpoint, mesh_cidr); !good.ok()) {
        return fields.wrong("endpoints", "another value: " + good.error().message);
      }
    }
    update.endpoints = std::move(endpoints);
  }
  if (fields.has("roles")) {
    TRY(roles, fields.texts("roles", api::kMaxEndpoints, kLong));
    for (const std::string& role : roles) {
      if (!mesh::parse_role(role).ok()) {
        return fields.wrong("roles", "nameserver or relay");
      }
    }
    update.roles = std::move(roles);
  }
  TRY_VOID(read_engines(fields, update));
  TRY(voter, fields.optional_text("voter", kLong));
  if (voter && *voter != "auto" && *voter != "always" && *voter != "never") {
    return fields.wrong("voter", "auto, always or never");
  }
  update.voter = std::move(voter);
  return update;
}

// The answer is the row as written: memory follows the registry within a moment.
Awaitable<std::optional<api::Node>> updated_node(NodeRouteParts* parts, std::string id,
                                                 std::int64_t version_before) {
  const SteadyTime until = parts->clock.steady_now() + kFollowPatience;
  while (parts->membership.state()->version <= version_before &&
         parts->clock.steady_now() < until) {
    co_await pause_for(kStep);
  }
  co_return find_node(*parts, id);
}

Awaitable<HandlerResult> update(NodeRouteParts* parts, Request* request) {
  const std::string id = request->parameters.front().second;
  auto body = http::parse_json_object(*request);
  if (auto* error = std::get_if<ApiError>(&body)) {
    co_return std::move(*error);
  }
  auto wanted = read_update(std::get<json>(body), parts->mesh_cidr);
  if (!wanted.ok()) {
    co_return http::validation_failed(wanted.error());
  }
  request->sent_to = "registry";
  const std::int64_t version = parts->membership.state()->version;
  const auto done = co_await update_node(&parts->registry, id, std::move(*wanted),
                                         to_unix_ms(parts->clock.wall_now()));
  if (!done.ok()) {
    ApiError error = registry_error(done.error());
    if (done.error().code == Errc::conflict) {
      error.code = ApiCode::node_exists;
    }
    co_return error;
  }
  std::optional<api::Node> node;
  if (*done) {
    parts->log.info("node changed", {{"node", id}});
    parts->membership.announce();
    node = co_await updated_node(parts, id, version);
  } else {
    node = find_node(*parts, id);
  }
  if (!node) {
    co_return out_of_touch(*parts, "the change is written, and cannot be shown yet: ");
  }
  co_return http::json_response(node->to_json());
}

}  // namespace

void add_node_routes(http::RouteTable& routes, NodeRouteParts& parts) {
  NodeRouteParts* p = &parts;
  routes.push_back({"adminNodeUpdate",
                    {Method::post},
                    "/admin/nodes/{id}",
                    Caller::admin_root,
                    http::kAdminBodyLimit,
                    http::kAdminTimeLimit,
                    [p](Request& r) { return update(p, &r); }});
  add_removal_routes(routes, parts);
}

}  // namespace orama::gateway::cluster
