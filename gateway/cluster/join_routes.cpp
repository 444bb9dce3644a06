#include "gateway/cluster/join_routes.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/fields.h"
#include "common/clock.h"
#include "common/crypto/encoding.h"
#include "common/crypto/secret.h"
#include "common/join/exchange.h"
#include "common/join/token.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/cluster/invites.h"
#include "gateway/cluster/join.h"
#include "gateway/cluster/redemption.h"
#include "gateway/cluster/registry_error.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/immediate.h"
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

constexpr std::size_t kMaxSealed = 48UL * 1024;
constexpr std::chrono::milliseconds kJoinTime = 30s;
constexpr std::size_t kMaxNote = 256, kMaxId = 64, kInviteBytes = 8, kSecretBytes = 16;

Awaitable<HandlerResult> join_cluster(JoinRouteParts* parts, Request* request) {
  auto body = http::parse_json_object(*request);
  if (auto* error = std::get_if<ApiError>(&body)) {
    co_return std::move(*error);
  }
  std::string observed = request->client_ip ? request->client_ip->to_string() : std::string();
  request->sent_to = "registry";
  auto reply = co_await parts->join.answer(std::move(std::get<json>(body)), std::move(observed));
  if (!reply.ok()) {
    co_return registry_error(reply.error());
  }
  if (const auto* no = std::get_if<JoinRefused>(&*reply)) {
    co_return http::make_api_error(no->code, no->message, no->hint);
  }
  http::Response response;
  response.body = std::get<std::string>(std::move(*reply));
  response.headers.emplace_back("Cache-Control", "no-store");
  co_return response;
}

HandlerResult identity(const JoinRouteParts& parts) {
  const auto state = parts.membership.state();
  const auto key = parts.join.join_key();
  if (!state->cluster || !key) {
    ApiError error = http::make_api_error(ApiCode::backend_unavailable,
                                          "this node belongs to no cluster that could be joined");
    error.details = {{"backend", "registry"}};
    return error;
  }
  return http::json_response({{"cluster", state->cluster->name},
                              {"mesh_cidr", state->cluster->mesh_cidr.to_string()},
                              {"generation", state->cluster->generation},
                              {"join_key", crypto::to_base64(key->public_key)}});
}

struct Wish {
  std::chrono::milliseconds ttl = 1h;
  std::string note;
};

Result<Wish> read_wish(const json& body) {
  const api::Fields fields(body);
  Wish wish;
  TRY(ttl, fields.optional_text("ttl", kMaxId));
  if (ttl) {
    const auto duration = parse_duration(*ttl);
    if (!duration.ok() || *duration < 1min || *duration > 24h) {
      return fields.wrong("ttl", "a duration from 1m to 24h");
    }
    wish.ttl = std::chrono::duration_cast<std::chrono::milliseconds>(*duration);
  }
  TRY(note, fields.optional_text("note", kMaxNote));
  wish.note = note.value_or("");
  return wish;
}

Awaitable<HandlerResult> create_invite(JoinRouteParts* parts, Request* request) {
  auto body = http::parse_json_object(*request);
  if (auto* error = std::get_if<ApiError>(&body)) {
    co_return std::move(*error);
  }
  const auto wish = read_wish(std::get<json>(body));
  if (!wish.ok()) {
    co_return http::validation_failed(wish.error());
  }
  const auto key = parts->join.join_key();
  if (!key || !parts->membership.state()->cluster) {
    ApiError error = http::make_api_error(
        ApiCode::backend_unavailable,
        key ? "the registry holds no cluster yet" : "this node holds no cluster join key",
        "`orama status` says what is missing");
    error.details = {{"backend", "registry"}};
    co_return error;
  }
  join::JoinToken token;
  token.invite = parts->random.bytes(kInviteBytes);
  token.secret = crypto::Secret(parts->random.bytes(kSecretBytes));
  token.join_key = key->public_key;
  Invite invite;
  invite.id = join::invite_id(token.invite);
  invite.hash = invite_hash(token.secret.reveal());
  invite.note = wish->note;
  invite.created_by = parts->node_id;
  invite.created_at_ms = to_unix_ms(parts->clock.wall_now());
  invite.expires_at_ms = invite.created_at_ms + wish->ttl.count();
  request->sent_to = "registry";
  const auto made = co_await insert_invite(&parts->registry, invite);
  if (!made.ok()) {
    co_return registry_error(made.error());
  }
  parts->log.info("invitation made", {{"invite", invite.id}});
  json answer = {{"id", invite.id},
                 {"token", token.to_text()},
                 {"expires_at", format_rfc3339(from_unix_ms(invite.expires_at_ms))},
                 {"join_url", parts->join_url}};
  if (!invite.note.empty()) {
    answer["note"] = invite.note;
  }
  http::Response response = http::json_response(answer, 201);
  response.headers.emplace_back("Cache-Control", "no-store");
  co_return response;
}

json invite_json(const Invite& invite, std::int64_t now_ms) {
  json out = {{"id", invite.id},
              {"state", invite.state_at(now_ms)},
              {"created_by", invite.created_by},
              {"created_at", format_rfc3339(from_unix_ms(invite.created_at_ms))},
              {"expires_at", format_rfc3339(from_unix_ms(invite.expires_at_ms))}};
  if (!invite.note.empty()) {
    out["note"] = invite.note;
  }
  if (!invite.node.empty()) {
    out["node"] = invite.node;
  }
  return out;
}

Awaitable<HandlerResult> list(JoinRouteParts* parts, const Request* request) {
  const auto wanted = request->query_parameter("state");
  const auto invites = co_await list_invites(&parts->registry);
  if (!invites.ok()) {
    co_return registry_error(invites.error());
  }
  const std::int64_t now_ms = to_unix_ms(parts->clock.wall_now());
  json out = json::array();
  for (const Invite& invite : *invites) {
    if (!wanted || *wanted == invite.state_at(now_ms)) {
      out.push_back(invite_json(invite, now_ms));
    }
  }
  const std::size_t count = out.size();
  co_return http::json_response({{"invites", std::move(out)}, {"count", count}});
}

Awaitable<HandlerResult> revoke(JoinRouteParts* parts, Request* request) {
  std::string id = request->parameters.front().second;
  request->sent_to = "registry";
  const auto revoked =
      co_await revoke_invite(&parts->registry, id, to_unix_ms(parts->clock.wall_now()));
  if (!revoked.ok()) {
    co_return registry_error(revoked.error());
  }
  parts->log.info("invitation revoked", {{"invite", id}});
  co_return http::json_response({{"status", "ok"}, {"id", id}});
}

HandlerResult sealed(JoinRouteParts& parts, const Request& request) {
  auto body = http::parse_json_object(request);
  if (auto* error = std::get_if<ApiError>(&body)) {
    return std::move(*error);
  }
  const api::Fields fields(std::get<json>(body));
  const auto id = fields.text("id", kMaxId);
  if (!id.ok()) {
    return http::validation_failed(id.error());
  }
  const auto text = fields.text("sealed", kMaxSealed);
  if (!text.ok()) {
    return http::validation_failed(text.error());
  }
  auto bytes = crypto::from_base64(*text);
  if (!bytes.ok()) {
    return http::validation_failed("sealed", "expected base64");
  }
  if (!parts.seals.deliver(*id, std::move(*bytes))) {
    return http::make_api_error(ApiCode::not_found, "nobody waits for secrets of " + *id);
  }
  return http::json_response({{"status", "ok"}});
}

}  // namespace

void add_join_routes(http::RouteTable& routes, JoinRouteParts& parts) {
  JoinRouteParts* p = &parts;
  const auto now = http::immediate;
  http::Route join_route{"join",
                         {Method::post},
                         join::kJoinPath,
                         Caller::public_,
                         join::kMaxBodyBytes,
                         kJoinTime,
                         [p](Request& r) { return join_cluster(p, &r); }};
  join_route.rate = http::RateClass::join;
  routes.push_back(std::move(join_route));
  http::Route identity_route{"joinIdentity",
                             {Method::get},
                             "/v1/internal/join/identity",
                             Caller::public_,
                             0,
                             kJoinTime,
                             now([p](Request&) { return identity(*p); })};
  identity_route.rate = http::RateClass::join;
  routes.push_back(std::move(identity_route));
  routes.push_back({"adminInviteCreate",
                    {Method::post},
                    "/admin/invites",
                    Caller::admin_root,
                    http::kAdminBodyLimit,
                    http::kAdminTimeLimit,
                    [p](Request& r) { return create_invite(p, &r); }});
  routes.push_back({"adminInviteList",
                    {Method::get},
                    "/admin/invites",
                    Caller::admin,
                    0,
                    http::kAdminTimeLimit,
                    [p](Request& r) { return list(p, &r); }});
  routes.push_back({"adminInviteRevoke",
                    {Method::del},
                    "/admin/invites/{id}",
                    Caller::admin_root,
                    0,
                    http::kAdminTimeLimit,
                    [p](Request& r) { return revoke(p, &r); }});
  routes.push_back({"adminSealed",
                    {Method::post},
                    "/admin/sealed",
                    Caller::admin_root,
                    http::kAdminBodyLimit,
                    http::kAdminTimeLimit,
                    now([p](Request& r) { return sealed(*p, r); })});
}

}  // namespace orama::gateway::cluster
