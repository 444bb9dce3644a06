// Help texts, made from the command table. The same text on a terminal and in a pipe.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace orama::cli {

std::string program_help(const std::vector<Command>& table);
std::string group_help(const std::vector<Command>& table, const std::string& group);
std::string command_help(const Command& command);

}  // namespace orama::cli
