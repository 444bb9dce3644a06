// The completion script of bash.
#include <string>
#include <string_view>

#include "cli/command.h"
#include "cli/completion_words.h"

namespace orama::cli {
namespace {

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

}  // namespace

std::string bash_script(const ShownCommands& commands) {
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

}  // namespace orama::cli
