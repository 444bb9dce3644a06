// The completion script of zsh.
#include <string>
#include <string_view>

#include "cli/command.h"
#include "cli/completion_words.h"

namespace orama::cli {
namespace {

// In an _arguments specification `:` separates, and brackets and backslashes are its own.
std::string zsh_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out;
}

std::string zsh_flag(const Flag& flag) {
  const std::string about = "[" + zsh_escaped(flag.summary) + "]";
  std::string value;
  if (flag.takes != Flag::Takes::nothing) {
    value = ":" + std::string(flag.value) + ":" +
            (flag.value == "FILE" ? "_files" : "(" + std::string(flag.choices) + ")");
  }
  const std::string repeat = flag.takes == Flag::Takes::values ? "*" : "";
  std::string text = " " + shell_quoted(repeat + std::string(flag.name) + about + value);
  if (flag.letter != '\0') {
    text += " " + shell_quoted(std::string("-") + flag.letter + about + value);
  }
  return text;
}

std::string zsh_case(const Command& command, std::string_view word) {
  std::string text = "        " + std::string(word) + ") _arguments";
  for (const Flag& flag : shown_flags(command)) {
    text += zsh_flag(flag);
  }
  if (!command.positional.choices.empty()) {
    text += " " + shell_quoted("1:" + std::string(command.positional.name) + ":(" +
                               std::string(command.positional.choices) + ")");
  }
  return text + " ;;\n";
}

}  // namespace

std::string zsh_script(const ShownCommands& commands) {
  std::string cases;
  std::string_view previous;
  for (const Command* command : commands) {
    const std::string_view group = first_word(command->name);
    if (!in_group(*command)) {
      cases += zsh_case(*command, group);
    } else if (group != previous) {
      cases += "        " + std::string(group) +
               ")\n            if (( CURRENT == 2 )); then _values command " +
               second_words(commands, group) +
               "; return; fi\n            shift words; (( CURRENT-- ))\n"
               "            case $words[1] in\n";
      for (const Command* member : commands) {
        if (in_group(*member) && first_word(member->name) == group) {
          cases += zsh_case(*member, last_word(member->name));
        }
      }
      cases += "            esac ;;\n";
    }
    previous = group;
  }
  return "#compdef orama\n# zsh completion for orama. Written by `orama completions zsh`.\n"
         "_orama() {\n"
         "    if (( CURRENT == 2 )); then\n"
         "        _values command " +
         first_words(commands) +
         "\n"
         "        return\n"
         "    fi\n"
         "    shift words; (( CURRENT-- ))\n"
         "    case $words[1] in\n" +
         cases +
         "    esac\n"
         "}\n"
         "_orama \"$@\"\n";
}

}  // namespace orama::cli
