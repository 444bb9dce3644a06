// Reads the words behind `orama` against the command table. Strict: an unknown command, flag or
// word is a usage error that names the nearest known one, and no value of an unknown flag is
// repeated in it (it may be a secret). Checks no value. CLI11's types stay in the .cpp.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "common/result.h"

namespace orama::cli {

struct CommandLine {
  const Command* command = nullptr;  // null: only `orama`, `orama --help` or `orama help`
  std::string group;                 // "mesh" when help was asked for a group of commands
  Arguments arguments;
  bool help = false;
  bool json = false;
  bool verbose = false;
};

Result<CommandLine> parse_command_line(const std::vector<Command>& table,
                                       const std::vector<std::string>& words);

// True when --json stands among the words, wherever: needed to report a usage error in the form
// asked for.
bool asks_for_json(const std::vector<std::string>& words);

}  // namespace orama::cli
