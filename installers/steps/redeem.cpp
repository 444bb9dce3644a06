#include "installers/steps/redeem.h"

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/join/messages.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"
#include "installers/step.h"
#include "installers/steps/join_call.h"
#include "installers/steps/join_record.h"
#include "installers/steps/node_file_change.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr std::string_view kKind = "redemption";
constexpr std::chrono::seconds kTellClocks{60}, kRenewal{10};
constexpr int kServerError = 500;  // what is below will not be another answer by itself

class Redemption final : public Change {
 public:
  Redemption(std::string invite, std::shared_ptr<const JoinOrder> order)
      : invite_(std::move(invite)), order_(std::move(order)) {}

  std::string_view kind() const override { return kKind; }
  std::string target() const override { return invite_; }

  Result<bool> converged(ChangeContext& context) override {
    TRY(member, is_member(context.host));
    if (member) {
      return true;
    }
    TRY(record, read_join_record(context.host.files));
    if (record && record->invite == invite_) {
      return true;
    }
    if (!order_) {
      return make_error(Errc::conflict,
                        "this host's join is not finished, and its place in the cluster is not "
                        "held any more",
                        "type the whole join command again, with --join and --token");
    }
    return false;
  }

  Result<std::string> describe(ChangeContext&) override {
    return "ask the cluster" + (order_ ? " at " + order_->url : std::string()) +
           " for a place, by the invitation " + invite_;
  }

  Result<json> prior(ChangeContext&) override { return json::object(); }
  json wanted() const override { return json{{"invite", invite_}}; }

  Result<void> apply(ChangeContext& context) override {
    Host& host = context.host;
    TRY(answer, ask_to_join(host, *order_, context.interrupted));
    if (const auto* refusal = std::get_if<join::Refusal>(&answer)) {
      return refusal_error(host, *refusal);
    }
    JoinRecord record;
    record.invite = invite_;
    record.url = order_->url;
    record.grant = std::get<join::Grant>(std::move(answer));
    const std::chrono::seconds skew = clock_skew(host, record.grant.time);
    record.clock_skew_s = skew.count();
    if (std::chrono::abs(skew) > kTellClocks && order_->notice) {
      order_->notice("This host's clock (" + format_rfc3339(host.clock.wall_now()) +
                     ") and the cluster's (" + record.grant.time + ") differ");
    }
    return write_join_record(host.files, record);
  }

 private:
  std::string invite_;
  std::shared_ptr<const JoinOrder> order_;
};

Result<Reverted> revert_redemption(RevertContext& context, const std::string& target, const json&,
                                   const json&) {
  const auto record = read_join_record(context.host.files);
  if (record.ok() && *record && (*record)->invite != target) {
    return Reverted{};  // of a later invitation, which has an entry of its own
  }
  TRY_VOID(remove_join_record(context.host.files));
  return Reverted{};
}

}  // namespace

Result<bool> is_member(Host& host) {
  TRY(node, read_node_file(host));
  return node.has_value() && node->member;
}

Result<void> renew_redemption(Host& host, const JoinOrder& order, JoinRecord& record) {
  TRY(attempt, try_join(host, order, kRenewal));
  if (!attempt.answer) {
    if (order.notice) {
      order.notice("The cluster was asked whether it still holds this host's place, in vain (" +
                   attempt.problem + "); the join goes on");
    }
    return {};
  }
  if (const auto* refusal = std::get_if<join::Refusal>(&*attempt.answer)) {
    // Used: by this host too, when it was confirmed and the answer to that was lost. The
    // confirmation, asked for again, finds out.
    if (refusal->code == "INVITE_USED") {
      if (order.notice) {
        order.notice("The cluster says that " + refusal->message +
                     "; whether that was this host is found out by going on");
      }
      return {};
    }
    if (refusal->status < kServerError) {
      TRY_VOID(remove_join_record(host.files));
    }
    return refusal_error(host, *refusal);
  }
  record.grant = std::get<join::Grant>(std::move(*attempt.answer));
  return write_join_record(host.files, record);
}

Step redeem_step(const std::string& invite, std::shared_ptr<const JoinOrder> order) {
  Step step{"redeem", "a place in the cluster", {}, nullptr};
  step.changes = [invite, order = std::move(order)](Host&) -> Result<Changes> {
    Changes changes;
    changes.push_back(std::make_unique<Redemption>(invite, order));
    return changes;
  };
  return step;
}

ChangeKind redemption_kind() {
  return {kKind, revert_redemption};
}

}  // namespace orama::installers
