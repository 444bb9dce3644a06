// Redeeming the invitation: this host's keys and name for a place in the cluster. From then on
// join.json says which, and the same command typed again goes on without an answer, too. Nothing of
// the host but that file is changed.
#pragma once

#include <memory>
#include <string>

#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"
#include "installers/step.h"
#include "installers/steps/join_call.h"
#include "installers/steps/join_record.h"

namespace orama::installers {

// Asks once more for the place that an earlier run was granted and that may have been released
// meanwhile: the same keys get the same node back. `record` takes what the cluster says now.
// Without an answer it stays as it is, and where the invitation is used: by this host, perhaps. Any
// other refusal for good takes the record off the disk and is the error.
Result<void> renew_redemption(Host& host, const JoinOrder& order, JoinRecord& record);

// `order` may be null: then only what was redeemed before will do.
Step redeem_step(const std::string& invite, std::shared_ptr<const JoinOrder> order);

// Kind "redemption": its revert forgets the answer. What the cluster keeps of it is let go of by
// `release` over a link, or by the cluster's sweep.
ChangeKind redemption_kind();

// True when node.json says that a join was confirmed here.
Result<bool> is_member(Host& host);

}  // namespace orama::installers
