#include "gateway/cluster/removal_routes.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/fields.h"
#include "common/api/status.h"
#include "common/clock.h"
#include "common/crypto/keys.h"
#include "common/result.h"
#include "gateway/cluster/join_key.h"
#include "gateway/cluster/node_changes.h"
#include "gateway/cluster/node_routes.h"
#include "gateway/cluster/registry_error.h"
#include "gateway/cluster/registry_watch.h"
#include "gateway/cluster/voters.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/json_body.h"
#include "gateway/http/message.h"
#include "gateway/http/route.h"

namespace orama::gateway::cluster {

using http::ApiCode;
using http::ApiError;
using http::Caller;
using http::HandlerResult;
using http::Method;
using http::Request;
using nlohmann::json;

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

ApiError out_of_touch(const NodeRouteParts& parts, const std::string& what) {
  ApiError error =
      http::make_api_error(ApiCode::backend_unavailable, what + parts.membership.touch()->trouble,
                           "`orama status` says what is missing");
  error.details = {{"backend", "registry"}};
  return error;
}

namespace {

// A cluster of rqlite that would be one voter less.
struct Electorate {
  std::string name;
  const RegistryWatch* watch;
};

std::vector<Electorate> electorates(const NodeRouteParts& parts) {
  std::vector<Electorate> all = {{"the registry", &parts.watch}};
  if (parts.database != nullptr) {
    all.push_back({"the database default", parts.database});
  }
  return all;
}

// Who votes, and is up, is what the engine says, where it says so: a row may be ahead of it.
VoterMath math_of(const RegistryWatch& watch, const api::Node& node) {
  const auto state = watch.state();
  if (state->members.empty()) {
    return without_node(state->voters, state->voters_up, node.voter, node.up);
  }
  const auto member = state->members.find(node.id);
  const bool reachable = member != state->members.end() && member->second.reachable;
  return without_node(state->voters, state->voters_up, state->is_voter(node.id), reachable);
}

json math_json(const api::Node& node, const VoterMath& math) {
  return {{"status", "ok"},
          {"id", node.id},
          {"voters_before", math.voters_before},
          {"voters_after", math.voters_after},
          {"tolerates_before", math.tolerates_before},
          {"tolerates_after", math.tolerates_after}};
}

ApiError would_break(const std::string& electorate, const api::Node& node, const VoterMath& math,
                     const std::string& hint) {
  const std::string after = std::to_string(math.voters_after);
  return http::make_api_error(
      ApiCode::quorum_would_break,
      math.voters_after == 0 ? node.name + " is the only voter of " + electorate +
                                   ": without it nothing could be written"
      : math.keeps_quorum ? electorate + " has " + std::to_string(math.voters_before) +
                                " voters now, and without " + node.name + " not " +
                                std::to_string(math.voters_before / 2 + 1) +
                                " of them are up to take it off their list"
                          : "without " + node.name + " " + electorate + " has " + after +
                                " voters, and not " + std::to_string(math.voters_after / 2 + 1) +
                                " of them are up: it could write no more",
      hint);
}

// Of the members that stay. A node that leaves by itself makes none: it must not know it.
SealedJoinKey new_join_key(const NodeRouteParts& parts, const std::string& removed_id) {
  if (removed_id == parts.view.own().id) {
    return {};
  }
  const crypto::KeyPair made = crypto::make_x25519(parts.random);
  return seal_join_key(made, *parts.membership.state(), removed_id, parts.log);
}

enum class Force { no, yes };
enum class Plan { no, yes };

Awaitable<HandlerResult> take_out(NodeRouteParts* parts, Request* request, api::Node node,
                                  Force force, Plan plan) {
  for (const Electorate& electorate : electorates(*parts)) {
    const VoterMath math = math_of(*electorate.watch, node);
    if (!math.can_be_cut_off && force == Force::no) {
      co_return would_break(electorate.name, node, math,
                            math.voters_after == 0
                                ? "sudo orama leave on " + node.name + ", which hands its vote over"
                            : math.keeps_quorum
                                ? "wait until the votes have moved (`orama status`), or add --force"
                                : "bring nodes back first (`orama status`), or add --force");
    }
  }
  const VoterMath math = math_of(parts->watch, node);
  if (plan == Plan::yes) {
    co_return http::json_response(math_json(node, math));
  }
  request->sent_to = "registry";
  SealedJoinKey new_key = new_join_key(*parts, node.id);
  const auto done = co_await remove_node(&parts->registry, node.id, std::move(new_key),
                                         to_unix_ms(parts->clock.wall_now()));
  if (!done.ok()) {
    co_return registry_error(done.error());
  }
  parts->log.warn("node removed by an operator", {{"node", node.id}, {"name", node.name}});
  parts->membership.announce();
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

// Others that could go on as the cluster, and of those the ones that are up.
struct Others {
  int ready = 0, up = 0;
};
Others others_of(const NodeRouteParts& parts) {
  Others others;
  for (const api::Node& node : parts.view.nodes()) {
    if (node.state == "ready" && node.id != parts.view.own().id) {
      ++others.ready;
      others.up += node.up ? 1 : 0;
    }
  }
  return others;
}

// The only voter hands its vote to another node first; what is left then is one voter.
VoterMath leave_math(const RegistryWatch& watch, const api::Node& node, const Others& others) {
  VoterMath math = math_of(watch, node);
  if (math.voters_after == 0 && others.up > 0) {
    math.voters_after = 1;
    math.keeps_quorum = true;
  }
  return math;
}

Awaitable<HandlerResult> leave_cluster(NodeRouteParts* parts, Request* request, Plan plan) {
  const auto node = find_node(*parts, parts->view.own().id);
  const Others others = others_of(*parts);
  if (!node || others.ready == 0) {
    co_return http::make_api_error(ApiCode::conflict, "this is the cluster's only node",
                                   "sudo orama uninstall --purge gives the cluster up");
  }
  if (!parts->membership.touch()->in_touch) {
    co_return out_of_touch(
        *parts, "the registry does not answer this node, and leaving is written there: ");
  }
  for (const Electorate& electorate : electorates(*parts)) {
    const VoterMath its_math = leave_math(*electorate.watch, *node, others);
    // One that is leaving already has passed here, and its vote may be gone.
    if (!its_math.keeps_quorum && node->state == "ready") {
      co_return would_break(electorate.name, *node, its_math,
                            "bring nodes back first (`orama status`)");
    }
  }
  const VoterMath math = leave_math(parts->watch, *node, others);
  if (plan == Plan::yes) {
    co_return http::json_response(math_json(*node, math));
  }
  request->sent_to = "registry";
  const auto left = co_await parts->leave.run();
  if (!left.ok()) {
    ApiError error = registry_error(left.error());
    error.message = left.error().message;
    error.hint = left.error().hint;
    co_return error;
  }
  co_return http::json_response(math_json(*node, math));
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
  co_return co_await leave_cluster(parts, request, plan ? Plan::yes : Plan::no);
}

}  // namespace

void add_removal_routes(http::RouteTable& routes, NodeRouteParts& parts) {
  NodeRouteParts* p = &parts;
  routes.push_back({"adminNodeRemove",
                    {Method::del},
                    "/admin/nodes/{id}",
                    Caller::admin_root,
                    0,
                    http::kAdminTimeLimit,
                    [p](Request& r) { return remove(p, &r); }});
  routes.push_back({"adminLeave",
                    {Method::post},
                    "/admin/leave",
                    Caller::admin_root,
                    http::kAdminBodyLimit,
                    http::kAdminTimeLimit,
                    [p](Request& r) { return leave(p, &r); }});
}

}  // namespace orama::gateway::cluster
