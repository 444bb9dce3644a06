// The completion script of fish.
#include <string>

#include "cli/command.h"
#include "cli/completion_words.h"

namespace orama::cli {
namespace {

std::string fish_condition(const Command& command) {
  std::string condition = "__fish_seen_subcommand_from " + std::string(first_word(command.name));
  if (in_group(command)) {
    condition += "; and __fish_seen_subcommand_from " + std::string(last_word(command.name));
  }
  return shell_quoted(condition);
}

std::string fish_flag(const Command& command, const Flag& flag) {
  std::string line =
      "complete -c orama -n " + fish_condition(command) + " -l " + std::string(flag.name.substr(2));
  if (flag.letter != '\0') {
    line += std::string(" -s ") + flag.letter;
  }
  if (flag.value == "FILE") {
    line += " -r -F";
  } else if (flag.takes != Flag::Takes::nothing) {
    line += " -x" + (flag.choices.empty() ? "" : " -a " + shell_quoted(flag.choices));
  }
  return line + " -d " + shell_quoted(flag.summary) + "\n";
}

}  // namespace

std::string fish_script(const ShownCommands& commands) {
  std::string text =
      "# fish completion for orama. Written by `orama completions fish`.\n"
      "complete -c orama -f\n";
  for (const Command* command : commands) {
    const std::string word(first_word(command->name));
    text += in_group(*command)
                ? "complete -c orama -n " + shell_quoted("__fish_use_subcommand") + " -a " + word +
                      "\ncomplete -c orama -n " +
                      shell_quoted("__fish_seen_subcommand_from " + word) + " -a " +
                      std::string(last_word(command->name))
                : "complete -c orama -n " + shell_quoted("__fish_use_subcommand") + " -a " + word;
    text += " -d " + shell_quoted(command->summary) + "\n";
    if (!command->positional.choices.empty()) {
      text += "complete -c orama -n " + fish_condition(*command) + " -a " +
              shell_quoted(command->positional.choices) + "\n";
    }
    for (const Flag& flag : shown_flags(*command)) {
      text += fish_flag(*command, flag);
    }
  }
  return text;
}

}  // namespace orama::cli
