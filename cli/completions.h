// Completion scripts for bash, zsh and fish, written from the command table. packaging/completions
// holds their text; a test compares it with this.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "common/result.h"

namespace orama::cli {

// invalid_argument for another shell than bash, zsh, fish.
Result<std::string> completion_script(const std::vector<Command>& table, std::string_view shell);

}  // namespace orama::cli
