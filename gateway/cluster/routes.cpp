#include "gateway/cluster/routes.h"

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "common/api/cluster.h"
#include "common/api/desired.h"
#include "common/api/status.h"
#include "common/mesh/ip_address.h"
#include "common/mesh/names.h"
#include "common/result.h"
#include "gateway/cluster/cluster_create.h"
#include "gateway/cluster/cluster_view.h"
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
using http::Response;
using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kDesiredTimeLimit = 40s;
constexpr std::chrono::milliseconds kDesiredHold = 30s;

ApiError refused(const RouteParts& parts, const Error& error) {
  if (error.code == Errc::failed) {
    parts.log.error("the registry refused a write", error);
  }
  return registry_error(error);
}

ApiError not_migrated() {
  ApiError error;
  error.code = ApiCode::backend_unavailable;
  error.message = "the registry has no schema yet";
  error.hint =
      "it comes within seconds of the registry's start; /admin/status says what is missing";
  error.details = {{"backend", "registry"}};
  return error;
}

// A cluster is founded by the gateway of its first node, as its configuration names both.
std::optional<ApiError> not_ours(const RouteParts& parts, const api::ClusterCreate& create) {
  const OwnNode& own = parts.view.own();
  const auto differs = [](std::string_view field, const std::string& expected) {
    return http::validation_failed(
        field, "expected " + expected + ", as this gateway's configuration has it");
  };
  if (create.id != own.cluster_id) {
    return differs("id", own.cluster_id);
  }
  if (create.mesh_cidr != parts.mesh_cidr) {
    return differs("mesh_cidr", parts.mesh_cidr.to_string());
  }
  if (create.node.id != own.id) {
    return differs("node.id", own.id);
  }
  if (create.node.mesh_ip.to_string() != own.mesh_ip) {
    return differs("node.mesh_ip", own.mesh_ip);
  }
  return std::nullopt;
}

Awaitable<HandlerResult> create(RouteParts* parts, Request* request) {
  auto body = http::parse_json_object(*request);
  if (auto* error = std::get_if<ApiError>(&body)) {
    co_return std::move(*error);
  }
  const auto use = parts->mesh_cidr.network().is_loopback() ? mesh::Cidr::Use::development
                                                            : mesh::Cidr::Use::production;
  auto wanted = api::ClusterCreate::from_json(std::get<json>(body), use);
  if (!wanted.ok()) {
    co_return http::validation_failed(wanted.error());
  }
  if (auto error = not_ours(*parts, *wanted)) {
    co_return std::move(*error);
  }
  if (!parts->membership.touch()->migrated) {
    co_return not_migrated();
  }
  request->sent_to = "registry";
  auto founding = co_await create_cluster(&parts->registry, *wanted, parts->clock.wall_now());
  if (!founding.ok()) {
    co_return refused(*parts, founding.error());
  }
  parts->membership.announce();
  const bool created = *founding == Founding::created;
  if (created) {
    parts->log.info("cluster founded", {{"cluster", wanted->id}, {"node", wanted->node.id}});
  }
  json answer = {{"status", "ok"}, {"id", wanted->id}, {"node", {{"id", wanted->node.id}}}};
  co_return http::json_response(answer, created ? 201 : 200);
}

HandlerResult list_nodes(const RouteParts& parts) {
  json nodes = json::array();
  for (const api::Node& node : parts.view.nodes()) {
    nodes.push_back(node.to_json());
  }
  const std::size_t count = nodes.size();
  return http::json_response({{"nodes", std::move(nodes)}, {"count", count}});
}

HandlerResult status(const RouteParts& parts) {
  api::AdminStatus status = parts.view.status();
  parts.complete(status);
  return http::json_response(status.to_json());
}

std::optional<std::int64_t> parse_since(const Request& request) {
  const std::string text = request.query_parameter("since").value_or("0");
  std::int64_t since = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), since);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || since < 0) {
    return std::nullopt;
  }
  return since;
}

Awaitable<HandlerResult> desired(RouteParts* parts, const Request* request) {
  const auto since = parse_since(*request);
  if (!since) {
    co_return http::validation_failed("since", "expected a version: an integer from 0");
  }
  auto found = co_await parts->desired.wait_above(*since, kDesiredHold);
  if (!found) {
    Response nothing;
    nothing.status = 204;
    nothing.content_type = "";
    co_return nothing;
  }
  found->stale = !parts->view.desired_is_current();
  co_return http::json_response(found->to_json());
}

HandlerResult actual(RouteParts& parts, const Request& request) {
  auto body = http::parse_json_object(request);
  if (auto* error = std::get_if<ApiError>(&body)) {
    return std::move(*error);
  }
  auto actual = api::Actual::from_json(std::get<json>(body));
  if (!actual.ok()) {
    return http::validation_failed(actual.error());
  }
  if (parts.reported) {
    parts.reported(*actual);
  }
  parts.report.receive(std::move(actual).value());
  return http::json_response({{"status", "ok"}});
}

HandlerResult tls_check(const RouteParts& parts, const Request& request) {
  const auto text = request.query_parameter("domain");
  if (!text || text->empty()) {
    return http::validation_failed("domain", "is required");
  }
  const auto domain = mesh::parse_domain(*text);
  if (!domain.ok()) {
    return http::validation_failed("domain", "expected a domain name");
  }
  if (!parts.view.is_certificate_name(*domain)) {
    ApiError error;
    error.code = ApiCode::domain_not_allowed;
    error.message = "no certificate is had here for that name";
    return error;
  }
  Response yes;
  yes.content_type = "";
  return yes;
}

}  // namespace

void add_routes(http::RouteTable& routes, RouteParts& parts) {
  RouteParts* p = &parts;
  const auto now = http::immediate;
  routes.push_back({"adminClusterCreate",
                    {Method::post},
                    "/admin/cluster",
                    Caller::admin_root,
                    http::kAdminBodyLimit,
                    http::kAdminTimeLimit,
                    [p](Request& r) { return create(p, &r); }});
  routes.push_back({"adminStatus",
                    {Method::get},
                    "/admin/status",
                    Caller::admin,
                    0,
                    http::kAdminTimeLimit,
                    now([p](Request&) { return status(*p); })});
  routes.push_back({"adminNodeList",
                    {Method::get},
                    "/admin/nodes",
                    Caller::admin,
                    0,
                    http::kAdminTimeLimit,
                    now([p](Request&) { return list_nodes(*p); })});
  routes.push_back({"adminDesired",
                    {Method::get},
                    "/admin/desired",
                    Caller::admin_root,
                    0,
                    kDesiredTimeLimit,
                    [p](Request& r) { return desired(p, &r); }});
  routes.push_back({"adminActual",
                    {Method::post},
                    "/admin/actual",
                    Caller::admin_root,
                    http::kAdminBodyLimit,
                    http::kAdminTimeLimit,
                    now([p](Request& r) { return actual(*p, r); })});
  routes.push_back({"tlsCheck",
                    {Method::get},
                    "/v1/internal/tls/check",
                    Caller::local,
                    0,
                    1s,
                    now([p](Request& r) { return tls_check(*p, r); })});
}

}  // namespace orama::gateway::cluster
