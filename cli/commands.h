// The one table of what `orama` can do.
#pragma once

#include <vector>

#include "cli/command.h"

namespace orama::cli {

const std::vector<Command>& commands();

}  // namespace orama::cli
