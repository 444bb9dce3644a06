// The membership's queries and how their rows become values. Pure but for the texts of SQL.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/membership.h"

namespace orama::gateway::cluster {

// Everything in one statement, so that it is of one moment.
backends::Statement load_statement();
Result<MembershipState> read_membership(const backends::Rows& rows);

// How a column holds a list of texts: a JSON array.
std::string texts_column(const std::vector<std::string>& texts);

// min(seq), max(seq) and the changes after `last`, in one statement.
backends::Statement changes_statement(std::int64_t last);
struct ChangesSeen {
  std::int64_t first = 0, newest = 0;  // 0: the list is empty
  std::int64_t count = 0;              // of changes after `last`
};
Result<ChangesSeen> read_changes(const backends::Rows& rows);

}  // namespace orama::gateway::cluster
