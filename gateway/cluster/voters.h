// Who votes in the registry (join.md, Membership after that): one of one or two nodes, then an odd
// number, at most five; and what the cluster can lose. Statements and arithmetic; no state.
#pragma once

#include <vector>

#include "gateway/backends/registry.h"

namespace orama::gateway::cluster {

// For the end of a transaction that changed who is `ready`: makes voters of those that are there
// longest, or takes it from those that came last. `never` is never chosen, `always` before the
// others. The nodes' agents carry it out.
std::vector<backends::Statement> choose_voters();

struct VoterMath {
  int voters_before = 0, voters_after = 0;
  int tolerates_before = 0, tolerates_after = 0;  // voters that may fail with quorum kept
  bool keeps_quorum = true;                       // of those that stay, enough are up
  // Enough of them are up to take it off the list while it hears nobody any more: a removed node is
  // off the mesh first, and until it is off the list its vote counts as one that is down.
  bool can_be_cut_off = true;
};
// Without the only voter there is no registry: that keeps no quorum. Taking one node out of the
// voters that are configured and up now.
VoterMath without_node(int voters, int voters_up, bool is_voter, bool is_up);

}  // namespace orama::gateway::cluster
