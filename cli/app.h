// Composition root of `orama`: reads the command line, builds what a command may touch, runs it,
// and turns its outcome into words and an exit status.
#pragma once

#include <string>
#include <vector>

namespace orama::cli {

// `arguments`: argv with the program's name first. Returns the exit status.
int run_orama(const std::vector<std::string>& arguments);

}  // namespace orama::cli
