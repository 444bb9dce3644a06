#include "gateway/cluster/node_routes.h"

#include <algorithm>
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
#include "common/mesh/ip_address.h"
#include "common/mesh/names.h"
#include "common/result.h"
#include "gateway/cluster/node_changes.h"
#include "gateway/cluster/registry_error.h"
#include "gateway/cluster/voters.h"
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

constexpr std::size_t kBodyLimit = 64UL * 1024;
constexpr std::chrono::milliseconds kTimeLimit = 10s;
constexpr std::size_t kLong = 300;

std::optional<api::Node> find_node(const NodeRouteParts& parts, const std::string& id) {
  for (api::Node& node : parts.view.nodes()) {
    if (node.id == id && node.state != "released") {
      return std::move(node);
    }
  }
  return std::nullopt;
}

ApiError no_node(const std::string& id) {
  return http::make_api_error(ApiCode::not_found, "there is no node " + id, "orama node list");
}

VoterMath math_of(const NodeRouteParts& parts, const api::Node& node) {
  const auto registry = parts.watch.state();
  return without_node(registry->voters, registry->voters_up, node.voter, node.up);
}

json math_json(const api::Node& node, const VoterMath& math) {
  return {{"status", "ok"},
          {"id", node.id},
          {"voters_before", math.voters_before},
          {"voters_after", math.voters_after},
          {"tolerates_before", math.tolerates_before},
          {"tolerates_after", math.tolerates_after}};
}

ApiError would_break(const api::Node& node, const VoterMath& math) {
  return http::make_api_error(ApiCode::quorum_would_break,
                              "without " + node.name + " the registry has " +
                                  std::to_string(math.voters_after) + " voters, and not " +
                                  std::to_string(math.voters_after / 2 + 1) +
                                  " of them are up: it could write no more",
                              "bring nodes back first (`orama status`), or add --force");
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
  TRY(voter, fields.optional_text("voter", kLong));
  if (voter && *voter != "auto" && *voter != "always" && *voter != "never") {
    return fields.wrong("voter", "auto, always or never");
  }
  update.voter = std::move(voter);
  return update;
}

void changed(NodeRouteParts& parts) {
  parts.membership.poke();
  if (parts.hint) {
    parts.hint();
  }
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
  const auto done = co_await update_node(&parts->registry, id, std::move(*wanted),
                                         to_unix_ms(parts->clock.wall_now()));
  if (!done.ok()) {
    ApiError error = registry_error(done.error());
    if (done.error().code == Errc::conflict) {
      error.code = ApiCode::node_exists;
    }
    co_return error;
  }
  parts->log.info("node changed by an operator", {{"node", id}});
  changed(*parts);
  const auto node = find_node(*parts, id);
  co_return node ? HandlerResult(http::json_response(node->to_json())) : HandlerResult(no_node(id));
}

enum class Force { no, yes };
enum class Plan { no, yes };

Awaitable<HandlerResult> take_out(NodeRouteParts* parts, Request* request, api::Node node,
                                  Force force, Plan plan) {
  const VoterMath math = math_of(*parts, node);
  if (!math.keeps_quorum && force == Force::no) {
    co_return would_break(node, math);
  }
  if (plan == Plan::yes) {
    co_return http::json_response(math_json(node, math));
  }
  request->sent_to = "registry";
  const auto done =
      co_await remove_node(&parts->registry, node.id, to_unix_ms(parts->clock.wall_now()));
  if (!done.ok()) {
    co_return registry_error(done.error());
  }
  parts->log.warn("node removed by an operator", {{"node", node.id}, {"name", node.name}});
  changed(*parts);
  co_return http::json_response(math_json(node, math));
}

bool asks(const Request& request, std::string_view name) {
  const auto value = request.query_parameter(name);
  return value && (*value == "1" || *value == "true");
}

Awaitable<HandlerResult> remove(NodeRouteParts* parts, Request* request) {
  const std::string id = request->parameters.front().second;
  auto node = find_node(*parts, id);
  if (!node) {
    co_return no_node(id);
  }
  if (id == parts->view.own().id) {
    co_return http::make_api_error(ApiCode::conflict, "this is the node that you are on",
                                   "orama leave");
  }
  co_return co_await take_out(parts, request, std::move(*node),
                              asks(*request, "force") ? Force::yes : Force::no,
                              asks(*request, "plan") ? Plan::yes : Plan::no);
}

Awaitable<HandlerResult> leave(NodeRouteParts* parts, Request* request) {
  auto body = http::parse_json_object(*request);
  if (auto* error = std::get_if<ApiError>(&body)) {
    co_return std::move(*error);
  }
  const json& wish = std::get<json>(body);
  const api::Fields fields(wish);
  bool plan = false;
  if (fields.has("plan")) {
    const auto wanted = fields.boolean("plan");
    if (!wanted.ok()) {
      co_return http::validation_failed(wanted.error());
    }
    plan = *wanted;
  }
  auto node = find_node(*parts, parts->view.own().id);
  const auto nodes = parts->view.nodes();
  const auto ready = std::count_if(nodes.begin(), nodes.end(),
                                   [](const api::Node& one) { return one.state == "ready"; });
  if (!node || ready < 2) {
    co_return http::make_api_error(ApiCode::conflict, "this is the cluster's only node",
                                   "sudo orama uninstall --purge gives the cluster up");
  }
  co_return co_await take_out(parts, request, std::move(*node), Force::no,
                              plan ? Plan::yes : Plan::no);
}

}  // namespace

void add_node_routes(http::RouteTable& routes, NodeRouteParts& parts) {
  NodeRouteParts* p = &parts;
  routes.push_back({"adminNodeUpdate",
                    {Method::post},
                    "/admin/nodes/{id}",
                    Caller::admin_root,
                    kBodyLimit,
                    kTimeLimit,
                    [p](Request& r) { return update(p, &r); }});
  routes.push_back({"adminNodeRemove",
                    {Method::del},
                    "/admin/nodes/{id}",
                    Caller::admin_root,
                    0,
                    kTimeLimit,
                    [p](Request& r) { return remove(p, &r); }});
  routes.push_back({"adminLeave",
                    {Method::post},
                    "/admin/leave",
                    Caller::admin_root,
                    kBodyLimit,
                    kTimeLimit,
                    [p](Request& r) { return leave(p, &r); }});
}

}  // namespace orama::gateway::cluster
