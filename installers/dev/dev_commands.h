// The commands of a development node: what the steps and the agent ask of the machine is answered
// as a node that needs nothing done to its host would (its users exist, its mesh interface is up);
// its own programs are run as this build has them. Everything else is refused, so nothing of the
// host is ever changed. Safe from several threads.
#pragma once

#include "common/result.h"
#include "installers/dev/node_root.h"
#include "installers/host/command_runner.h"
#include "installers/host/files.h"

namespace orama::installers {

class DevCommands final : public CommandRunner {
 public:
  DevCommands(CommandRunner& inner, Files& files, NodeRoot root);
  Result<CommandOutput> run(const Command& command) override;

 private:
  Result<CommandOutput> answer_ip(const Command& command);
  Result<CommandOutput> run_mapped(const Command& command);

  CommandRunner& inner_;
  Files& files_;
  NodeRoot root_;
};

}  // namespace orama::installers
