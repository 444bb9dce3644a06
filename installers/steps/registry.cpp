#include "installers/steps/registry.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/atomic_file.h"
#include "common/http_client.h"
#include "common/join/messages.h"
#include "common/json.h"
#include "common/result.h"
#include "common/text_template.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/registry_guard.h"
#include "installers/registry_join.h"
#include "installers/step.h"
#include "installers/steps/join_record.h"

namespace orama::installers {
namespace {

constexpr int kOk = 200;

Result<std::string> environment_file(const NodeSpec& spec) {
  return fill_template("ORAMA_NODE_ID=${node_id}\nORAMA_MESH_IP=${mesh_ip}\n",
                       {{"node_id", spec.node_id}, {"mesh_ip", spec.mesh_ip.to_string()}},
                       TemplateFormat::env_file);
}

// Ready means that a leader is known; what it has replayed is the gateway's to check.
Result<bool> registry_is_ready(Host& host, const std::string& address) {
  auto password = host.files.read(std::string(paths::kSecrets) + "/agent-registry-password");
  if (!password.ok()) {
    if (password.error().code == Errc::not_found) {
      return false;  // nothing is installed yet (--plan)
    }
    return std::move(password).error();
  }
  HttpRequest request;
  request.url = "http://" + address + "/readyz";
  request.user = "agent";
  request.password = without_line_end(std::move(password).value());
  request.timeout = std::chrono::seconds(3);
  const auto response = host.http.send(request);
  if (!response.ok()) {
    return false;  // not listening yet
  }
  constexpr int kUnauthorized = 401;
  if (response->status == kUnauthorized) {
    return make_error(Errc::conflict,
                      "the registry on " + address + " refuses the password in " +
                          std::string(paths::kSecrets) +
                          "/agent-registry-password: it runs with another rqlite-auth.json",
                      "systemctl restart orama-rqlite");
  }
  return response->status == kOk;
}

// Until the join is confirmed rqlited is told whom to join, unless it runs already as a member:
// with data it says that it is one and starts (engines-rqlite.md 5). A node that was released
// meanwhile was taken off the member list and joins again.
class RegistryJoin final : public Change {
 public:
  explicit RegistryJoin(std::string node_id) : node_id_(std::move(node_id)) {}

  std::string_view kind() const override { return "registry-join"; }
  std::string target() const override { return paths::kRqliteJoinEnv; }

  Result<bool> converged(ChangeContext& context) override {
    Host& host = context.host;
    TRY(text, wanted_text(host));
    if (text.empty()) {
      return true;
    }
    TRY(data, host.files.status(std::string(paths::kRqliteData) + "/raft.db"));
    TRY(state, host.systemd.state(paths::kRqliteUnit));
    if (data && state.is_active()) {
      return is_listed(host);
    }
    const auto present = host.files.read(paths::kRqliteJoinEnv);
    return present.ok() && *present == text;
  }

  Result<std::string> describe(ChangeContext& context) override {
    TRY(state, context.host.systemd.state(paths::kRqliteUnit));
    return std::string("have the registry join the members', without a vote at first") +
           (state.is_active() ? ", by a restart" : "");
  }

  Result<nlohmann::json> prior(ChangeContext&) override { return nlohmann::json(); }
  nlohmann::json wanted() const override { return nullptr; }  // the agent takes it away

  // One that runs is restarted here: a change that is not recorded leaves no unit stale.
  Result<void> apply(ChangeContext& context) override {
    Host& host = context.host;
    TRY(text, wanted_text(host));
    TRY_VOID(host.files.write(paths::kRqliteJoinEnv, text, {0644, "root", "root"}));
    TRY(state, host.systemd.state(paths::kRqliteUnit));
    return state.is_active() ? host.systemd.restart(paths::kRqliteUnit) : Result<void>();
  }

 private:
  // Asked at the members: what this node's own registry knows ends where it was taken off. Where
  // nobody answers it is left as it is.
  Result<bool> is_listed(Host& host) const {
    TRY(record, read_join_record(host.files));
    TRY(password, host.files.read(std::string(paths::kSecrets) + "/agent-registry-password"));
    HttpRequest request;
    request.user = "agent";
    request.password = without_line_end(std::move(password));
    request.timeout = std::chrono::seconds(5);
    for (const join::Peer& peer : record ? record->grant.peers : std::vector<join::Peer>()) {
      request.url = "http://" + peer.mesh_ip.to_string() + ":" +
                    std::to_string(paths::kRqliteHttpPort) + "/nodes?nonvoters&timeout=1s";
      const auto response = host.http.send(request);
      if (!response.ok() || response->status != kOk) {
        continue;
      }
      const auto members = parse_json(response->body);
      if (members.ok() && members->is_object()) {
        return members->contains(node_id_);
      }
    }
    return true;
  }

  // "" once the join is confirmed.
  static Result<std::string> wanted_text(Host& host) {
    TRY(record, read_join_record(host.files));
    if (!record) {
      return std::string();
    }
    std::vector<std::string> members;
    for (const join::Peer& peer : record->grant.peers) {
      members.push_back(peer.mesh_ip.to_string() + ":" + std::to_string(paths::kRqliteRaftPort));
    }
    return registry_join_text(RegistryRole::non_voter, members);
  }

  std::string node_id_;
};

// What the unit would refuse (registry_guard.h) is told before it is started, in its own words.
Result<void> data_is_there(Host& host) {
  TRY(node, host.files.status(paths::kNodeJson));
  return node ? registry_guard(host.files) : Result<void>();
}

}  // namespace

Step registry_step(const NodeSpec& spec) {
  Step step{"registry", "registry (RQLite)", {}, nullptr};
  step.changes = [spec](Host& host) -> Result<Changes> {
    TRY_VOID(data_is_there(host));
    TRY(environment, environment_file(spec));
    const std::string address =
        spec.mesh_ip.to_string() + ":" + std::to_string(paths::kRqliteHttpPort);
    Changes changes;
    changes.push_back(
        file({paths::kRqliteEnv, environment, {0644, "root", "root"}, {paths::kRqliteUnit}}));
    if (spec.joins()) {
      changes.push_back(std::make_unique<RegistryJoin>(spec.node_id));
    }
    changes.push_back(unit({paths::kRqliteUnit, UnitSpec::Enable::yes}));
    changes.push_back(
        wait_until({"the registry answers on " + address,
                    [address](Host& its_host) { return registry_is_ready(its_host, address); },
                    std::chrono::seconds(60), "journalctl -u orama-rqlite"}));
    return changes;
  };
  return step;
}

}  // namespace orama::installers
