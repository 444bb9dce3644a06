#include "cli/completion_words.h"

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace orama::cli {

// Summaries are our own text, but an apostrophe in one must not end a quoted word of the script.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return out + "'";
}

ShownCommands shown_commands(const std::vector<Command>& table) {
  ShownCommands commands;
  for (const Command& command : table) {
    if (command.visibility == Visibility::shown) {
      commands.push_back(&command);
    }
  }
  return commands;
}

std::string_view first_word(std::string_view name) {
  return name.substr(0, name.find(' '));
}
bool in_group(const Command& command) {
  return command.name.find(' ') != std::string_view::npos;
}
std::string_view last_word(std::string_view name) {
  return name.substr(name.rfind(' ') + 1);
}

// "install uninstall …", groups once.
std::string first_words(const ShownCommands& commands) {
  std::string words;
  std::string_view previous;
  for (const Command* command : commands) {
    const std::string_view word = first_word(command->name);
    if (word != previous) {
      words += std::string(words.empty() ? "" : " ") + std::string(word);
    }
    previous = word;
  }
  return words;
}

std::string second_words(const ShownCommands& commands, std::string_view group) {
  std::string words;
  for (const Command* command : commands) {
    if (in_group(*command) && first_word(command->name) == group) {
      words += std::string(words.empty() ? "" : " ") + std::string(last_word(command->name));
    }
  }
  return words;
}

}  // namespace orama::cli
