#include "gateway/health/routes.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/api/status.h"
#include "common/clock.h"
#include "gateway/health/health.h"
#include "gateway/http/api_error.h"
#include "gateway/http/error_body.h"
#include "gateway/http/immediate.h"
#include "gateway/http/message.h"
#include "gateway/http/route.h"

namespace orama::gateway::health {
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

std::chrono::nanoseconds uptime(const RouteParts& parts) {
  return parts.clock.steady_now() - parts.started;
}

json server_of(const RouteParts& parts) {
  return {{"started_at", format_rfc3339(parts.started_at)},
          {"uptime", format_duration(uptime(parts))}};
}

// A document with the fields of an error beside its own, and the error's headers.
Response with_error(json document, const ApiError& error, const Request& request) {
  document.update(http::error_fields(error, request.request_id));
  Response response = http::error_response(error, request.request_id);
  response.body = document.dump();
  return response;
}

ApiError registry_down() {
  ApiError error;
  error.code = ApiCode::backend_unavailable;
  error.message = "the registry database cannot be reached";
  error.details = {{"backend", "registry"}};
  return error;
}

HandlerResult health(const RouteParts& parts, const Request& request) {
  const auto checks = parts.probes.checks();
  const Verdict verdict = judge(*checks);
  json server = server_of(parts);
  server["status"] = server_status(verdict);
  json client_checks = json::object();
  for (const auto& [name, check] : *checks) {
    client_checks[name] = check.status;
  }
  json document = {{"status", server_status(verdict)},
                   {"server", std::move(server)},
                   {"client",
                    {{"status", client_status(verdict)},
                     {"checks", std::move(client_checks)},
                     {"last_updated", last_checked(*checks)},
                     {"response_time", slowest_ns(*checks)}}},
                   {"checks", api::checks_to_json(*checks)}};
  if (verdict == Verdict::unhealthy) {
    return with_error(std::move(document), registry_down(), request);
  }
  return http::json_response(document);
}

HandlerResult readiness(const RouteParts& parts, const Request& request) {
  const auto checks = parts.probes.checks();
  json document = {{"status", "ok"}, {"checks", api::checks_to_json(*checks)}};
  const bool stopping = parts.shutting_down.load();
  if (stopping || parts.leaving()) {
    ApiError error;
    error.code = ApiCode::shutting_down;
    error.message = stopping ? "the gateway is stopping" : "the node leaves its cluster";
    document["status"] = "unhealthy";
    return with_error(std::move(document), error, request);
  }
  if (judge(*checks) == Verdict::unhealthy || !parts.registry_ready()) {
    document["status"] = "unhealthy";
    return with_error(std::move(document), registry_down(), request);
  }
  return http::json_response(document);
}

HandlerResult status(const RouteParts& parts) {
  const NetworkFacts facts = parts.network();
  json network = {{"node_id", facts.node_id},
                  {"peer_id", facts.ipfs.peer_id},
                  {"connected", facts.peers_up > 0 || facts.nodes == 1},
                  {"peer_count", facts.peers_up},
                  {"database_size", facts.database_bytes},
                  {"uptime", uptime(parts).count()}};
  if (!facts.ipfs.peer_id.empty()) {
    network["ipfs"] = {{"peer_id", facts.ipfs.peer_id}, {"swarm_addresses", facts.ipfs.addresses}};
  }
  if (!facts.ipfs_cluster.peer_id.empty()) {
    network["ipfs_cluster"] = {{"peer_id", facts.ipfs_cluster.peer_id},
                               {"addresses", facts.ipfs_cluster.addresses}};
  }
  return http::json_response({{"server", server_of(parts)},
                              {"network", std::move(network)},
                              {"version", parts.build.version},
                              {"checks", api::checks_to_json(*parts.probes.checks())}});
}

HandlerResult version(const RouteParts& parts) {
  json document = server_of(parts);
  document["version"] = parts.build.version;
  document["commit"] = parts.build.commit;
  document["build_time"] = parts.build.build_time;
  return http::json_response(document);
}

}  // namespace

void complete(const RouteParts& parts, api::AdminStatus& status) {
  status.checks = *parts.probes.checks();
  for (std::string& sentence : missing_engines(status.checks)) {
    status.missing.push_back(std::move(sentence));
  }
  status.version = parts.build.version;
  status.started_at = format_rfc3339(parts.started_at);
  status.uptime = format_duration(uptime(parts));
}

void add_routes(http::RouteTable& routes, const RouteParts& parts) {
  const RouteParts* p = &parts;
  const auto now = http::immediate;
  const auto health_handler = now([p](Request& r) { return health(*p, r); });
  const auto status_handler = now([p](Request&) { return status(*p); });
  routes.push_back({"getHealthRoot", {}, "/health", Caller::public_, 0, 1s, health_handler});
  routes.push_back({"getHealth", {}, "/v1/health", Caller::public_, 0, 1s, health_handler});
  routes.push_back(
      {"getLiveness",
       {Method::get},
       "/livez",
       Caller::public_,
       0,
       1s,
       now([alive = http::json_response({{"status", "ok"}})](Request&) { return alive; })});
  routes.push_back(
      {"getReadiness", {Method::get}, "/readyz", Caller::public_, 0, 1s, now([p](Request& r) {
         return readiness(*p, r);
       })});
  routes.push_back({"getStatusRoot", {}, "/status", Caller::public_, 0, 5s, status_handler});
  routes.push_back({"getStatus", {}, "/v1/status", Caller::public_, 0, 5s, status_handler});
  routes.push_back({"getVersion", {}, "/v1/version", Caller::public_, 0, 1s, now([p](Request&) {
                      return version(*p);
                    })});
}

}  // namespace orama::gateway::health
