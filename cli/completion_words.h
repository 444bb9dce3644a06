// What the completion scripts of all shells are made from: the shown commands of the table, their
// words and a text quoted for a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace orama::cli {

using ShownCommands = std::vector<const Command*>;

std::string shell_quoted(std::string_view text);
ShownCommands shown_commands(const std::vector<Command>& table);

bool in_group(const Command& command);  // "mesh show"
std::string_view first_word(std::string_view name);
std::string_view last_word(std::string_view name);
std::string first_words(const ShownCommands& commands);  // "install uninstall …", groups once
std::string second_words(const ShownCommands& commands, std::string_view group);

// One file a shell.
std::string bash_script(const ShownCommands& commands);
std::string zsh_script(const ShownCommands& commands);
std::string fish_script(const ShownCommands& commands);

}  // namespace orama::cli
