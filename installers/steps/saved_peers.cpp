#include "installers/steps/saved_peers.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/join/messages.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/steps/join_record.h"

namespace orama::installers {
namespace {

api::Desired first_state(const NodeSpec& spec, const join::Grant& grant) {
  api::Desired desired;
  desired.mesh_cidr = grant.mesh_cidr.to_string();
  desired.self = {spec.node_id, spec.name, spec.mesh_ip.to_string(), false, "redeemed"};
  for (const join::Peer& peer : grant.peers) {
    const std::string mesh_ip = peer.mesh_ip.to_string();
    desired.peers.push_back({peer.id, peer.name, mesh_ip, peer.wg_public_key, peer.endpoints});
    desired.rqlite_join.push_back(mesh_ip + ":" + std::to_string(paths::kRqliteRaftPort));
  }
  return desired;
}

class SavedPeers final : public Change {
 public:
  explicit SavedPeers(NodeSpec spec) : spec_(std::move(spec)) {}

  std::string_view kind() const override { return "saved-peers"; }
  std::string target() const override { return paths::kSavedDesired; }

  // One of another identity would not be used by the agent either.
  Result<bool> converged(ChangeContext& context) override {
    const auto text = context.host.files.read(paths::kSavedDesired);
    if (!text.ok()) {
      return text.error().code == Errc::not_found ? Result<bool>(false) : text.error();
    }
    const auto body = parse_json(*text);
    const auto saved =
        body.ok() ? api::Desired::from_json(*body) : Result<api::Desired>(body.error());
    return saved.ok() && saved->self.id == spec_.node_id &&
           saved->self.mesh_ip == spec_.mesh_ip.to_string();
  }

  Result<std::string> describe(ChangeContext&) override {
    return std::string("write the members of the cluster's answer to ") + paths::kSavedDesired +
           ", for the agent's first start";
  }

  Result<nlohmann::json> prior(ChangeContext&) override { return nlohmann::json(); }
  nlohmann::json wanted() const override { return nullptr; }  // goes with the agent's folder

  Result<void> apply(ChangeContext& context) override {
    TRY(record, read_join_record(context.host.files));
    if (!record) {
      return {};  // a member: its agent asks its own gateway
    }
    const api::Desired desired = first_state(spec_, record->grant);
    return context.host.files.write(paths::kSavedDesired, desired.to_json().dump(2) + "\n",
                                    {0644, "root", "root"});
  }

 private:
  NodeSpec spec_;
};

}  // namespace

std::unique_ptr<Change> saved_peers(const NodeSpec& spec) {
  return std::make_unique<SavedPeers>(spec);
}

}  // namespace orama::installers
