#include "cli/session.h"

#include <string>
#include <vector>

#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::cli {

namespace {

bool holds_token(const std::string& word) {
  return word.find("orama1_") != std::string::npos || word.starts_with("--token=");
}

}  // namespace

std::string typed_command(const Caller& caller) {
  std::vector<std::string> argv = {caller.program.empty() ? "orama" : caller.program};
  bool token = false;
  for (const std::string& word : caller.words) {
    if (token || holds_token(word)) {
      argv.emplace_back(word.starts_with("--token=") ? "--token=TOKEN" : "TOKEN");
    } else {
      argv.push_back(word);
    }
    token = word == "--token";
  }
  return installers::Command(argv).to_string();
}

Error needs_root_error(const Caller& caller, const std::string& what) {
  return make_error(Errc::needs_root, what + " needs root", "sudo " + typed_command(caller));
}

}  // namespace orama::cli
