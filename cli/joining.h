// What `orama install --join` does before it knows which node this host becomes: it redeems the
// invitation by the first steps of the same plan (installers/node_plan.h, redeem_steps) and reads
// the cluster's answer. From there on a join is an install like any other.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/install_request.h"
#include "cli/node_record.h"
#include "cli/session.h"
#include "common/result.h"
#include "installers/node_spec.h"
#include "installers/plan.h"
#include "installers/steps/join_call.h"
#include "installers/steps/join_record.h"
#include "installers/steps/node_sources.h"

namespace orama::cli {

struct Joining {
  bool wanted = false;  // by --join, or by what an earlier run recorded
  bool member = false;  // confirmed before
  std::shared_ptr<const installers::JoinOrder> order;  // with --join
  std::optional<installers::JoinRecord> answer;

  std::string invite() const;
  bool must_redeem() const { return wanted && !member && !answer; }
};

// conflict: this host founded a cluster, or its join cannot go on without the whole command.
Result<Joining> look_at_join(Session& session, const InstallRequest& request,
                             const NodeRecord& record);

// Of the node as far as it is known before the answer: for the checks of the host itself.
Result<installers::NodeSpec> spec_before_answer(Session& session, const InstallRequest& request);

// The plan of the steps up to the redemption.
Result<installers::Plan> redeem_plan(const Joining& joining,
                                     const installers::NodeSources& sources);

// With the whole command typed again: the place of an earlier answer is asked for once more.
Result<void> renew(Session& session, Joining& joining);

// Carries it out and reads the answer into `joining`.
Result<void> redeem(Session& session, Joining& joining, const installers::NodeSources& sources);

}  // namespace orama::cli
