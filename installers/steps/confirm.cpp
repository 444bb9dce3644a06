#include "installers/steps/confirm.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/build_info.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/step.h"
#include "installers/steps/cluster_link.h"
#include "installers/steps/join_record.h"
#include "installers/steps/node_file_change.h"
#include "installers/steps/node_sources.h"
#include "installers/steps/redeem.h"
#include "installers/steps/registration.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr std::string_view kKind = "member";
constexpr int kOk = 200, kNotFound = 404, kConflict = 409;

class Confirmation final : public Change {
 public:
  Confirmation(NodeSpec spec, NodeSources sources)
      : spec_(std::move(spec)), sources_(std::move(sources)) {}

  std::string_view kind() const override { return kKind; }
  std::string target() const override { return spec_.base_domain; }

  // The record goes last: killed in between, only that is left to do.
  Result<bool> converged(ChangeContext& context) override {
    TRY(member, is_member(context.host));
    TRY(record, read_join_record(context.host.files));
    return member && !record;
  }

  Result<std::string> describe(ChangeContext&) override {
    return "tell the cluster " + spec_.base_domain + " that this node, " + spec_.name + " at " +
           spec_.mesh_ip.to_string() + ", runs";
  }

  Result<json> prior(ChangeContext&) override { return json::object(); }
  json wanted() const override { return json{{"id", spec_.node_id}}; }

  Result<void> apply(ChangeContext& context) override {
    Host& host = context.host;
    TRY(member, is_member(host));
    if (!member) {
      TRY_VOID(confirm(context));
      TRY_VOID(note_membership(host));
    }
    return remove_join_record(host.files);
  }

 private:
  Result<void> confirm(ChangeContext& context) {
    Host& host = context.host;
    TRY(record, read_join_record(host.files));
    if (!record || !sources_.link) {
      return make_error(Errc::conflict, "the cluster's answer to this host is gone",
                        "type the whole join command again");
    }
    LinkQuestion question{kConfirmPath, {{"version", build_info().version}}};
    question.interrupted = context.interrupted;
    const auto answer = ask_cluster(host, *sources_.link, record->grant.peers, question);
    if (!answer.ok()) {
      return answer.error().code == Errc::not_allowed
                 ? place_is_gone(host, answer.error().full_message())
                 : answer.error();
    }
    if (answer->status == kConflict || answer->status == kNotFound) {
      return place_is_gone(host, answer_words(*answer));
    }
    if (answer->status != kOk) {
      return make_error(
          Errc::failed, "the cluster does not confirm this node: " + answer_words(*answer),
          "on the member: journalctl -u orama-gateway; then type the same command again");
    }
    return {};
  }

  NodeSpec spec_;
  NodeSources sources_;
};

Result<Reverted> revert_member(RevertContext&, const std::string&, const json&, const json&) {
  return Reverted{};
}

}  // namespace

Step confirm_step(const NodeSpec& spec, const NodeSources& sources) {
  Step step{"confirm", "the cluster's confirmation", {}, nullptr};
  step.changes = [spec, sources](Host&) -> Result<Changes> {
    Changes changes;
    changes.push_back(std::make_unique<Confirmation>(spec, sources));
    changes.push_back(registration(spec));
    return changes;
  };
  return step;
}

ChangeKind member_kind() {
  return {kKind, revert_member};
}

Result<std::string> release_redemption(Host& host, ClusterLink& link) {
  TRY(member, is_member(host));
  TRY(record, read_join_record(host.files));
  if (member || !record) {
    return std::string();
  }
  LinkQuestion question{kReleasePath, json::object()};
  question.patience = std::chrono::milliseconds(0);
  const auto answer = ask_cluster(host, link, record->grant.peers, question);
  if (answer.ok() && (answer->status == kOk || answer->status == kConflict)) {
    return "The cluster has released the place of " + record->grant.node_name + " (" +
           record->grant.mesh_ip.to_string() + ").";
  }
  return "No member could be told; the cluster's sweep releases the place of " +
         record->grant.node_name + " (" + record->grant.mesh_ip.to_string() + ") after 15 min.";
}

}  // namespace orama::installers
