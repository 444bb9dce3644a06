// completions (hidden): what packaging/completions is made with.
#include <utility>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/commands/commands.h"
#include "cli/completions.h"
#include "cli/output.h"
#include "cli/session.h"
#include "common/result.h"

namespace orama::cli {

Result<void> check_completions(const Arguments& arguments) {
  if (arguments.words.empty()) {
    return make_error(Errc::invalid_argument, "which shell? expected bash, zsh or fish",
                      "orama completions bash");
  }
  TRY_VOID(completion_script(commands(), arguments.words.front()));
  return {};
}

Result<Report> run_completions(Session&, const Arguments& arguments) {
  TRY(script, completion_script(commands(), arguments.words.front()));
  Report report;
  report.data = {{"script", script}};
  report.text = std::move(script);
  return report;
}

}  // namespace orama::cli
