#include "gateway/cluster/voters.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gateway/backends/registry.h"

namespace orama::gateway::cluster {
namespace {

using backends::Statement;

constexpr const char* kTarget =
    "(SELECT CASE WHEN count(*) < 3 THEN 1 WHEN count(*) > 5 THEN 5 ELSE count(*) - 1 + count(*) % "
    "2 "
    "END FROM nodes WHERE state = 'ready' AND voter_policy IS NOT 'never')";
constexpr const char* kPresent = "(SELECT count(*) FROM nodes WHERE state = 'ready' AND voter = 1)";

int tolerates(int voters, int up) {
  return std::max(0, up - (voters / 2 + 1));
}

}  // namespace

std::vector<Statement> choose_voters() {
  std::vector<Statement> out;
  out.emplace_back(
      "UPDATE nodes SET voter = 0 WHERE voter = 1 AND (state <> 'ready' OR (voter_policy IS "
      "'never' "
      "AND EXISTS (SELECT 1 FROM nodes WHERE state = 'ready' AND voter_policy IS NOT 'never')))");
  out.emplace_back(
      std::string("UPDATE nodes SET voter = 0 WHERE id IN (SELECT id FROM nodes WHERE state = "
                  "'ready' AND voter = 1 ORDER BY voter_policy IS 'always', voter_policy IS NOT "
                  "'never', joined_at DESC, id DESC LIMIT max(0, ") +
      kPresent + " - " + kTarget + "))");
  out.emplace_back(
      std::string("UPDATE nodes SET voter = 1 WHERE id IN (SELECT id FROM nodes WHERE state = "
                  "'ready' AND voter = 0 AND voter_policy IS NOT 'never' ORDER BY voter_policy IS "
                  "NOT 'always', joined_at, id LIMIT max(0, ") +
      kTarget + " - " + kPresent + "))");
  return out;
}

VoterMath without_node(int voters, int voters_up, bool is_voter, bool is_up) {
  VoterMath math;
  math.voters_before = voters;
  math.tolerates_before = tolerates(voters, voters_up);
  math.voters_after = voters - (is_voter ? 1 : 0);
  const int up_after = voters_up - (is_voter && is_up ? 1 : 0);
  math.tolerates_after = tolerates(math.voters_after, up_after);
  math.keeps_quorum = math.voters_after == 0 ? !is_voter : up_after >= math.voters_after / 2 + 1;
  math.can_be_cut_off = math.keeps_quorum && (!is_voter || up_after >= voters / 2 + 1);
  return math;
}

}  // namespace orama::gateway::cluster
