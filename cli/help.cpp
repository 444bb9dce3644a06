#include "cli/help.h"

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/output.h"

namespace orama::cli {
namespace {

std::vector<std::string> flag_row(const Flag& flag) {
  std::string names = flag.letter == '\0' ? "    " : std::string("-") + flag.letter + ", ";
  names += flag.name;
  if (flag.takes != Flag::Takes::nothing) {
    names += " " + std::string(flag.value);
  }
  return {"  " + names, std::string(flag.summary)};
}

std::vector<std::vector<std::string>> command_rows(const std::vector<Command>& table,
                                                   std::string_view group) {
  std::vector<std::vector<std::string>> rows;
  for (const Command& command : table) {
    if (command.visibility == Visibility::shown &&
        (group.empty() || command.name.starts_with(std::string(group) + " "))) {
      rows.push_back({"  " + std::string(command.name), std::string(command.summary)});
    }
  }
  return rows;
}

}  // namespace

std::string program_help(const std::vector<Command>& table) {
  return "orama turns a Debian or Ubuntu server into a node of a private cluster.\n\n"
         "Usage: orama COMMAND [flags]\n\n"
         "Commands:\n" +
         format_table(command_rows(table, "")) +
         "\n`orama COMMAND --help` shows the flags of a command. Every command has --json.\n";
}

std::string group_help(const std::vector<Command>& table, const std::string& group) {
  return "Usage: orama " + group + " COMMAND [flags]\n\nCommands:\n" +
         format_table(command_rows(table, group));
}

std::string command_help(const Command& command) {
  std::string text = "Usage: orama " + std::string(command.name);
  for (const Positional& word : {command.positional, command.second}) {
    text += word.name.empty() ? "" : " [" + std::string(word.name) + "]";
  }
  text += " [flags]\n\n" + std::string(command.summary) + "\n";
  if (!command.details.empty()) {
    text += "\n" + std::string(command.details) + "\n";
  }
  std::vector<std::vector<std::string>> rows;
  for (const Positional& word : {command.positional, command.second}) {
    if (!word.name.empty()) {
      rows.push_back({"      " + std::string(word.name), std::string(word.summary)});
    }
  }
  for (const Flag& flag : shown_flags(command)) {
    rows.push_back(flag_row(flag));
  }
  return text + "\n" + format_table(rows);
}

}  // namespace orama::cli
