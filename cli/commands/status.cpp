// status: facts, judgement, words.
#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/status_facts.h"
#include "cli/status_report.h"
#include "common/result.h"

namespace orama::cli {

Result<Report> run_status(Session& session, const Arguments&) {
  session.output.live("looking at this node …");
  const StatusFacts facts = gather_status(session);
  const StatusReport status = judge_status(facts);
  Report report;
  report.text = status_text(session.output, status);
  report.data = status_json(facts, status);
  report.exit = status_exit(status.verdict);
  return report;
}

}  // namespace orama::cli
