// The rows of `orama dev …`, a part of the one table (commands.h).
#pragma once

#include <vector>

#include "cli/command.h"

namespace orama::cli {

std::vector<Command> dev_commands();

}  // namespace orama::cli
