// The end of a join: the cluster is told over a link that this node runs, and node.json says from
// then on that it is a member (join.md, step 5). And its opposite, for an uninstall before that:
// letting go of the place that was redeemed.
#pragma once

#include <string>

#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/step.h"
#include "installers/steps/cluster_link.h"
#include "installers/steps/node_sources.h"

namespace orama::installers {

inline constexpr const char* kConfirmPath = "/v1/confirm";
inline constexpr const char* kReleasePath = "/v1/release";

Step confirm_step(const NodeSpec& spec, const NodeSources& sources);

// Kind "member": the note goes, or is kept, with node.json.
ChangeKind member_kind();

// What became of a redemption that was not confirmed, in a sentence; "" when there is none. Each
// member is asked once: without a link the cluster's sweep does it.
Result<std::string> release_redemption(Host& host, ClusterLink& link);

}  // namespace orama::installers
