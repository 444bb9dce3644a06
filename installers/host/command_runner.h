// Starts processes of the host by argument vector, never through a shell. The seam behind which
// tests put a fake. Safe from several threads.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/result.h"

namespace orama::installers {

struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up in a fixed PATH of system folders
  std::string input;              // written to standard input, then closed
  std::map<std::string, std::string> environment;  // added to PATH, LANG=C.UTF-8 and HOME=/root
  std::chrono::milliseconds timeout{60000};  // then SIGTERM, 2 s later SIGKILL to its process group

  explicit Command(std::vector<std::string> arguments) : argv(std::move(arguments)) {}
  std::string to_string() const;  // quoted as a person would type it; input never shown
};

struct CommandOutput {
  int exit_status = 0;   // 128 + signal when killed
  std::string out, err;  // at most 1 MiB each; what is over is dropped
  bool ok() const { return exit_status == 0; }
};

class CommandRunner {
 public:
  virtual ~CommandRunner() = default;
  // Any exit status is a value. Errors: not_found (no such program), timeout, failed.
  virtual Result<CommandOutput> run(const Command& command) = 0;
};

// Runs a command that must end with 0; the error quotes the command and the end of its stderr.
Result<std::string> run_checked(CommandRunner& runner, const Command& command);

// Real processes. `on_start` sees each command before it runs (for -v); may be empty.
class ProcessRunner final : public CommandRunner {
 public:
  explicit ProcessRunner(std::function<void(const Command&)> on_start = {});
  Result<CommandOutput> run(const Command& command) override;

 private:
  std::function<void(const Command&)> on_start_;
};

}  // namespace orama::installers
