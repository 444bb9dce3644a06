#include "installers/steps/cluster.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/api/cluster.h"
#include "common/api/status.h"
#include "common/http_client.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/step.h"
#include "installers/steps/admin_call.h"
#include "installers/steps/engines.h"
#include "installers/steps/node_file_change.h"
#include "installers/steps/node_keys.h"
#include "installers/steps/registration.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr std::string_view kKind = "cluster";
constexpr int kOk = 200, kCreated = 201, kConflict = 409;

Result<api::ClusterCreate> request_body(Host& host, const NodeSpec& spec) {
  TRY(keys, read_node_keys(host));
  api::ClusterCreate body;
  body.id = spec.cluster_id;
  body.name = spec.base_domain;
  body.base_domain = spec.base_domain;
  body.mesh_cidr = spec.mesh_cidr;
  body.node.id = spec.node_id;
  body.node.name = spec.name;
  body.node.mesh_ip = spec.mesh_ip;
  body.node.wg_public_key = keys.wg_public_key();
  body.node.node_key = keys.node_key();
  body.node.endpoints = public_endpoints(spec);
  body.node.roles = spec.roles();
  return body;
}

// nullopt: no gateway answers.
Result<std::optional<api::AdminStatus>> admin_status(Host& host) {
  const auto response = host.http.send(admin_request("GET", "/admin/status"));
  if (!response.ok() || response->status != kOk) {
    return std::optional<api::AdminStatus>();
  }
  TRY(body, parse_json(response->body));
  TRY(status, api::AdminStatus::from_json(body));
  return std::optional(std::move(status));
}

// nullopt: no gateway answers, or its registry holds no cluster.
Result<std::optional<std::string>> present_cluster(Host& host) {
  TRY(status, admin_status(host));
  return status && status->cluster ? std::optional(status->cluster->id) : std::nullopt;
}

// A gateway that has just started has no report of the agent for a second or two: the install ends
// when `orama status` finds nothing amiss.
Condition nothing_is_missing() {
  Condition condition;
  condition.what = "the gateway misses nothing of this node";
  condition.ready = [](Host& host) -> Result<bool> {
    TRY(status, admin_status(host));
    if (status && !status->missing.empty()) {
      return make_error(Errc::failed, status->missing.front());
    }
    return status.has_value();
  };
  condition.hint = "orama status says what is missing";
  return condition;
}

class FoundCluster final : public Change {
 public:
  explicit FoundCluster(NodeSpec spec) : spec_(std::move(spec)) {}

  std::string_view kind() const override { return kKind; }
  std::string target() const override { return spec_.base_domain; }

  Result<bool> converged(ChangeContext& context) override {
    TRY(present, present_cluster(context.host));
    if (present && *present != spec_.cluster_id) {
      return make_error(Errc::conflict,
                        "the registry of this host holds " + *present + ", the install is for " +
                            spec_.cluster_id,
                        "sudo orama uninstall --purge, if that cluster is to be given up");
    }
    return present.has_value();
  }

  Result<std::string> describe(ChangeContext&) override {
    return "found the cluster " + spec_.base_domain + " with this node, " + spec_.name + " at " +
           spec_.mesh_ip.to_string();
  }

  Result<json> prior(ChangeContext&) override { return json::object(); }
  json wanted() const override { return json{{"id", spec_.cluster_id}}; }

  Result<void> apply(ChangeContext& context) override {
    TRY(body, request_body(context.host, spec_));
    HttpRequest request = admin_request("POST", "/admin/cluster");
    request.headers = {"Content-Type: application/json"};
    request.body = body.to_json().dump();
    // The same body twice is 200.
    const auto response = send_until_answered(context, request);
    if (!response.ok() || (response->status != kOk && response->status != kCreated)) {
      return founding_failed(response);
    }
    return {};
  }

 private:
  static Error founding_failed(const Result<HttpResponse>& response) {
    if (!response.ok()) {
      return make_error(
          response.error().code,
          "the gateway could not be asked to found the cluster: " + response.error().message,
          "journalctl -u orama-gateway");
    }
    return make_error(response->status == kConflict ? Errc::conflict : Errc::failed,
                      "the gateway does not found the cluster: " + answer_text(*response),
                      "journalctl -u orama-gateway -u orama-rqlite");
  }

  NodeSpec spec_;
};

Result<Reverted> revert_cluster(RevertContext&, const std::string&, const json&, const json&) {
  return Reverted{};
}

}  // namespace

Step cluster_step(const NodeSpec& spec) {
  Step step{"cluster", "found the cluster", {}, nullptr};
  step.changes = [spec](Host&) -> Result<Changes> {
    Changes changes;
    changes.push_back(std::make_unique<FoundCluster>(spec));
    changes.push_back(cluster_founded());
    changes.push_back(registration(spec));
    changes.push_back(engine_ids(spec));
    changes.push_back(wait_until(nothing_is_missing()));
    return changes;
  };
  return step;
}

ChangeKind cluster_kind() {
  return {kKind, revert_cluster};
}

}  // namespace orama::installers
