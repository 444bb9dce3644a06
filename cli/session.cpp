#include "cli/session.h"

#include <string>
#include <vector>

#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::cli {

std::string typed_command(const Caller& caller) {
  std::vector<std::string> argv = {caller.program.empty() ? "orama" : caller.program};
  argv.insert(argv.end(), caller.words.begin(), caller.words.end());
  return installers::Command(argv).to_string();
}

Error needs_root_error(const Caller& caller, const std::string& what) {
  return make_error(Errc::needs_root, what + " needs root", "sudo " + typed_command(caller));
}

}  // namespace orama::cli
