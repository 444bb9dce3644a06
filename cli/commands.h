// The one table of what `orama` can do.
#pragma once

#include <vector>

#include "cli/command.h"

namespace orama::cli {

const std::vector<Command>& commands();

// The rows of `orama dev …`, a part of it.
std::vector<Command> dev_commands();

}  // namespace orama::cli
