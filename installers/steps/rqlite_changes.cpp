#include "installers/steps/rqlite_changes.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/http_client.h"
#include "common/join/messages.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/local_rqlite.h"
#include "installers/paths.h"
#include "installers/rqlite_engine.h"
#include "installers/rqlite_guard.h"
#include "installers/rqlite_join.h"
#include "installers/steps/join_record.h"

namespace orama::installers {
namespace {

constexpr int kOk = 200, kUnauthorized = 401;

// Ready means that a leader is known; what it has replayed is the gateway's to check.
Result<bool> is_ready(Host& host, const RqliteEngine& engine, const std::string& address) {
  auto password = agent_password(host.files, engine);
  if (!password.ok()) {
    if (password.error().code == Errc::not_found) {
      return false;  // nothing is installed yet (--plan)
    }
    return std::move(password).error();
  }
  HttpRequest request;
  request.url = "http://" + address + "/readyz";
  request.user = "agent";
  request.password = password->reveal();
  request.timeout = std::chrono::seconds(3);
  const auto response = host.http.send(request);
  if (!response.ok()) {
    return false;  // not listening yet
  }
  if (response->status == kUnauthorized) {
    return make_error(Errc::conflict,
                      std::string(engine.name) + " on " + address +
                          " refuses the agent's password: it was started with other users",
                      std::string("systemctl restart ") + engine.unit);
  }
  return response->status == kOk;
}

// Until the join is confirmed rqlited is told whom to join, unless it runs already as a member:
// with data it says that it is one and starts (engines-rqlite.md 5). A node that was released
// meanwhile was taken off the member list and joins again.
class RqliteJoin final : public Change {
 public:
  RqliteJoin(const RqliteEngine& engine, std::string node_id)
      : engine_(engine), node_id_(std::move(node_id)) {}

  std::string_view kind() const override { return "registry-join"; }
  std::string target() const override { return engine_.join_file; }

  Result<bool> converged(ChangeContext& context) override {
    Host& host = context.host;
    TRY(text, wanted_text(host));
    if (text.empty()) {
      return true;
    }
    TRY(data, host.files.status(std::string(engine_.data) + "/raft.db"));
    TRY(state, host.systemd.state(engine_.unit));
    if (data && state.is_active()) {
      return is_listed(host);
    }
    const auto present = host.files.read(engine_.join_file);
    return present.ok() && *present == text;
  }

  Result<std::string> describe(ChangeContext& context) override {
    TRY(state, context.host.systemd.state(engine_.unit));
    return "have " + std::string(engine_.name) + " join the members', without a vote at first" +
           (state.is_active() ? ", by a restart" : "");
  }

  Result<nlohmann::json> prior(ChangeContext&) override { return nlohmann::json(); }
  nlohmann::json wanted() const override { return nullptr; }  // the agent takes it away

  // One that runs is restarted here: a change that is not recorded leaves no unit stale.
  Result<void> apply(ChangeContext& context) override {
    Host& host = context.host;
    TRY(text, wanted_text(host));
    TRY_VOID(host.files.write(engine_.join_file, text, {0644, "root", "root"}));
    TRY(state, host.systemd.state(engine_.unit));
    return state.is_active() ? host.systemd.restart(engine_.unit) : Result<void>();
  }

 private:
  // Asked at the members: what this node's own registry knows ends where it was taken off. Where
  // nobody answers it is left as it is.
  Result<bool> is_listed(Host& host) const {
    TRY(record, read_join_record(host.files));
    TRY_VOID(agent_password(host.files, engine_));  // without it nobody would answer either
    for (const join::Peer& peer : record ? record->grant.peers : std::vector<join::Peer>()) {
      const auto members = LocalRqlite(host, engine_, peer.mesh_ip.to_string()).nodes();
      if (members.ok()) {
        return members->contains(node_id_);
      }
    }
    return true;
  }

  // "" once the join is confirmed.
  Result<std::string> wanted_text(Host& host) const {
    TRY(record, read_join_record(host.files));
    if (!record) {
      return std::string();
    }
    std::vector<std::string> members;
    for (const join::Peer& peer : record->grant.peers) {
      members.push_back(peer.mesh_ip.to_string() + ":" + std::to_string(engine_.raft_port));
    }
    return rqlite_join_text(RqliteRole::non_voter, members);
  }

  const RqliteEngine& engine_;
  std::string node_id_;
};

}  // namespace

Result<void> rqlite_data_is_there(Host& host, const RqliteEngine& engine) {
  TRY(node, host.files.status(paths::kNodeJson));
  return node ? rqlite_guard(host.files, engine) : Result<void>();
}

std::unique_ptr<Change> rqlite_join(const RqliteEngine& engine, std::string node_id) {
  return std::make_unique<RqliteJoin>(engine, std::move(node_id));
}

std::unique_ptr<Change> rqlite_answers(const RqliteEngine& engine, const std::string& mesh_ip) {
  const std::string address = mesh_ip + ":" + std::to_string(engine.http_port);
  return wait_until({std::string(engine.name) + " answers on " + address,
                     [&engine, address](Host& host) { return is_ready(host, engine, address); },
                     std::chrono::seconds(60), std::string("journalctl -u ") + engine.unit});
}

}  // namespace orama::installers
