#include "cli/completions.h"

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/completion_words.h"
#include "common/result.h"

namespace orama::cli {

Result<std::string> completion_script(const std::vector<Command>& table, std::string_view shell) {
  const ShownCommands commands = shown_commands(table);
  if (shell == "bash") {
    return bash_script(commands);
  }
  if (shell == "zsh") {
    return zsh_script(commands);
  }
  if (shell == "fish") {
    return fish_script(commands);
  }
  return make_error(Errc::invalid_argument,
                    "unknown shell `" + std::string(shell) + "`, expected bash, zsh or fish");
}

}  // namespace orama::cli
