#include "cli/completions.h"

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "common/result.h"

namespace orama::cli {
namespace {

// Summaries are our own text, but an apostrophe in one must not end a quoted word of the script.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return out + "'";
}

std::vector<const Command*> shown(const std::vector<Command>& table) {
  std::vector<const Command*> commands;
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
std::string first_words(const std::vector<const Command*>& commands) {
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

std::string second_words(const std::vector<const Command*>& commands, std::string_view group) {
  std::string words;
  for (const Command* command : commands) {
    if (in_group(*command) && first_word(command->name) == group) {
      words += std::string(words.empty() ? "" : " ") + std::string(last_word(command->name));
    }
  }
  return words;
}

std::string bash_values(const Command& command) {
  std::string cases;
  for (const Flag& flag : shown_flags(command)) {
    if (flag.takes == Flag::Takes::nothing) {
      continue;
    }
    const std::string reply = flag.value == "FILE"
                                  ? "compgen -f -- \"$word\""
                                  : "compgen -W " + shell_quoted(flag.choices) + " -- \"$word\"";
    cases += "        " + shell_quoted(command.name) + ":" + std::string(flag.name) +
             ") COMPREPLY=($(" + reply + ")); return ;;\n";
  }
  return cases;
}

std::string bash_script(const std::vector<const Command*>& commands) {
  std::string values;
  std::string words;
  std::string groups;
  std::string_view previous;
  for (const Command* command : commands) {
    values += bash_values(*command);
    std::string reply(command->positional.choices);
    for (const Flag& flag : shown_flags(*command)) {
      reply += std::string(reply.empty() ? "" : " ") + std::string(flag.name);
    }
    words += "        " + shell_quoted(command->name) + ") words=" + shell_quoted(reply) + " ;;\n";
    const std::string_view group = first_word(command->name);
    if (in_group(*command) && group != previous) {
      groups += "        " + std::string(group) +
                ") words=" + shell_quoted(second_words(commands, group)) + " ;;\n";
    }
    previous = group;
  }
  return "# bash completion for orama. Written by `orama completions bash`.\n"
         "_orama() {\n"
         "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
         "    local command=${COMP_WORDS[1]} words=\n"
         "    COMPREPLY=()\n"
         "    case $command in\n" +
         groups +
         "    esac\n"
         "    if [ \"$COMP_CWORD\" -le 1 ]; then\n"
         "        words=" +
         shell_quoted(first_words(commands)) +
         "\n"
         "    elif [ -n \"$words\" ] && [ \"$COMP_CWORD\" -gt 2 ]; then\n"
         "        command=\"$command ${COMP_WORDS[2]}\"\n"
         "        words=\n"
         "    fi\n"
         "    if [ -z \"$words\" ]; then\n"
         "        case $command:$before in\n" +
         values +
         "        esac\n"
         "        case $command in\n" +
         words +
         "        esac\n"
         "    fi\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "}\n"
         "complete -F _orama orama\n";
}

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

std::string zsh_script(const std::vector<const Command*>& commands) {
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

std::string fish_script(const std::vector<const Command*>& commands) {
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

}  // namespace

Result<std::string> completion_script(const std::vector<Command>& table, std::string_view shell) {
  const std::vector<const Command*> commands = shown(table);
  if (shell == "bash") {
    return bash_script(commands);
  }
  if (shell == "zsh") {
    return zsh_script(commands);
  }
  if (shell == "fish") {
    return fish_script(commands);
  }
  return make_error(Errc::invalid_argument,
                    "unknown shell `" + std::string(shell) + "`, expected bash, zsh or fish");
}

}  // namespace orama::cli
