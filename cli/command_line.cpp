#include "cli/command_line.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "common/nearest.h"
#include "common/result.h"

namespace orama::cli {
namespace {

// The values of one command while CLI11 fills them in; addresses stay put.
struct Slots {
  const Command* command = nullptr;  // null for the program itself and for groups
  std::map<std::string, std::vector<std::string>, std::less<>> values;
  std::map<std::string, std::size_t, std::less<>> switches;
  std::vector<std::string> words;
};

struct Parser {
  CLI::App app{"orama", "orama"};
  std::map<const CLI::App*, std::unique_ptr<Slots>> slots;
};

std::string option_names(const Flag& flag) {
  return flag.letter == '\0' ? std::string(flag.name)
                             : std::string("-") + flag.letter + "," + std::string(flag.name);
}

void add_flag(CLI::App& app, Slots& slots, const Flag& flag) {
  const std::string name(flag.name);
  if (flag.takes == Flag::Takes::nothing) {
    app.add_flag(option_names(flag), slots.switches[name]);
    return;
  }
  CLI::Option* option = app.add_option(option_names(flag), slots.values[name]);
  option->type_size(1)->allow_extra_args(
      false);  // else a flag would swallow the words that follow it
  option->expected(1);
  option->multi_option_policy(flag.takes == Flag::Takes::values ? CLI::MultiOptionPolicy::TakeAll
                                                                : CLI::MultiOptionPolicy::Throw);
}

Slots& add_slots(Parser& parser, CLI::App& app, const Command* command) {
  app.set_help_flag("");
  app.allow_extras();
  // One command a line; without this CLI11 takes `agent` of `orama logs agent` for a second one.
  app.require_subcommand(0, 1);
  auto slots = std::make_unique<Slots>();
  slots->command = command;
  for (const Flag& flag : common_flags()) {
    add_flag(app, *slots, flag);
  }
  if (command != nullptr) {
    for (const Flag& flag : command->flags) {
      add_flag(app, *slots, flag);
    }
    if (!command->positional.name.empty()) {
      app.add_option(std::string(command->positional.name), slots->words);
    }
  }
  Slots& added = *slots;
  parser.slots[&app] = std::move(slots);
  return added;
}

CLI::App& find_or_add(Parser& parser, CLI::App& parent, const std::string& word,
                      const Command* command) {
  for (CLI::App* sub : parent.get_subcommands(nullptr)) {
    if (sub->get_name() == word) {
      return *sub;
    }
  }
  CLI::App& added = *parent.add_subcommand(word);
  add_slots(parser, added, command);
  return added;
}

// Rows named by two words become a group with commands in it. A row "agent" above "agent
// firewall-revert" stands before it in the table, so the group itself runs.
void add_commands(Parser& parser, const std::vector<Command>& table) {
  add_slots(parser, parser.app, nullptr);
  for (const Command& command : table) {
    const std::string name(command.name);
    const std::size_t blank = name.find(' ');
    if (blank == std::string::npos) {
      find_or_add(parser, parser.app, name, &command);
      continue;
    }
    CLI::App& group = find_or_add(parser, parser.app, name.substr(0, blank), nullptr);
    find_or_add(parser, group, name.substr(blank + 1), &command);
  }
}

std::string help_command(const std::string& path) {
  return "see `orama" + (path.empty() ? std::string() : " " + path) + " --help`";
}

// The words that lead to `app`, without the program's own name.
std::string path_of(const CLI::App* app) {
  if (app->get_parent() == nullptr) {
    return "";
  }
  std::string path = path_of(app->get_parent());
  path += (path.empty() ? "" : " ") + app->get_name();
  return path;
}

Error unknown(std::string_view what, const std::string& word,
              const std::optional<std::string>& nearest, const std::string& path) {
  std::string message = "unknown " + std::string(what) + " `" + word + "`";
  if (nearest) {
    message += "; did you mean `" + *nearest + "`?";
  }
  return make_error(Errc::invalid_argument, std::move(message), help_command(path));
}

std::vector<std::string> shown_subcommands(const Parser& parser, const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands(nullptr)) {
    const Command* command = parser.slots.at(sub)->command;
    if (command == nullptr || command->visibility == Visibility::shown) {
      names.push_back(sub->get_name());
    }
  }
  return names;
}

// Dashes are no part of the likeness: `--join` is not nearly `--json`.
Error unknown_flag(const CLI::App& app, const std::string& flag, const std::string& path) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    known.insert(known.end(), option->get_lnames().begin(), option->get_lnames().end());
  }
  std::optional<std::string> nearest =
      nearest_word(flag.substr(std::min(flag.find_first_not_of('-'), flag.size())), known);
  if (nearest) {
    nearest = "--" + *nearest;
  }
  return unknown("flag", flag, nearest, path);
}

Error explain_extra(const Parser& parser, const CLI::App& app, const std::string& extra) {
  const std::string path = path_of(&app);
  if (extra.size() > 1 && extra[0] == '-') {
    return unknown_flag(app, extra.substr(0, extra.find('=')), path);
  }
  const std::vector<std::string> subcommands = shown_subcommands(parser, app);
  if (!subcommands.empty()) {
    return unknown("command", extra, nearest_word(extra, subcommands), path);
  }
  const bool token = extra.find("orama1_") != std::string::npos;  // a secret: not repeated
  return make_error(Errc::invalid_argument,
                    "unexpected word `" + (token ? std::string("TOKEN") : extra) + "`",
                    help_command(path));
}

// The innermost command that was named.
const CLI::App* chosen(const CLI::App& root) {
  const CLI::App* app = &root;
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
  }
  return app;
}

bool any_switch(const Parser& parser, const CLI::App* app, std::string_view name) {
  for (; app != nullptr; app = app->get_parent()) {
    const auto& switches = parser.slots.at(app)->switches;
    const auto found = switches.find(name);
    if (found != switches.end() && found->second > 0) {
      return true;
    }
  }
  return false;
}

Arguments take_arguments(const Slots& slots) {
  Arguments arguments;
  for (const auto& [name, values] : slots.values) {
    if (!values.empty()) {
      arguments.flags[name] = values;
    }
  }
  for (const auto& [name, count] : slots.switches) {
    if (count > 0) {
      arguments.flags[name] = {};
    }
  }
  arguments.words = slots.words;
  return arguments;
}

Result<CommandLine> collect(const Parser& parser) {
  const CLI::App* app = chosen(parser.app);
  for (const CLI::App* level = app; level != nullptr; level = level->get_parent()) {
    const std::vector<std::string> extras = level->remaining();
    if (!extras.empty()) {
      return explain_extra(parser, *level, extras.front());
    }
  }
  const Slots& slots = *parser.slots.at(app);
  const bool two = slots.command != nullptr && !slots.command->second.name.empty();
  const std::size_t most = two ? 2 : 1;
  if (slots.words.size() > most) {
    return explain_extra(parser, *app, slots.words[most]);
  }
  CommandLine line;
  line.command = slots.command;
  line.arguments = take_arguments(slots);
  line.help = any_switch(parser, app, "--help");
  line.json = any_switch(parser, app, "--json");
  line.verbose = any_switch(parser, app, "--verbose");
  if (line.command == nullptr) {
    line.group = path_of(app);
  }
  if (line.command == nullptr && !line.group.empty() && !line.help) {
    return make_error(Errc::invalid_argument, "`orama " + line.group + "` needs one more word",
                      help_command(line.group));
  }
  return line;
}

}  // namespace

bool asks_for_json(const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), "--json") != words.end();
}

Result<CommandLine> parse_command_line(const std::vector<Command>& table,
                                       const std::vector<std::string>& words) {
  std::vector<std::string> asked = words;
  if (!asked.empty() &&
      asked.front() == "help") {  // `orama help install` is `orama install --help`
    asked.erase(asked.begin());
    asked.emplace_back("--help");
  } else if (asked.size() == 1 && asked.front() == "--version") {
    asked.front() = "version";
  }
#ifdef ORAMA_FAULT_POINTS
  // Test builds take it before the command too, so that a test may put it before any install line.
  if (!asked.empty() && asked.front() == "--fault-points") {
    std::rotate(asked.begin(), asked.begin() + 1, asked.end());
  }
#endif
  std::reverse(asked.begin(), asked.end());  // CLI11 takes a vector from its back
  Parser parser;
  try {
    add_commands(parser, table);
    parser.app.parse(asked);
  } catch (const CLI::ParseError& error) {
    return make_error(Errc::invalid_argument, error.what(),
                      help_command(path_of(chosen(parser.app))));
  } catch (const std::exception& error) {
    return make_error(Errc::failed,
                      std::string("reading the command line failed: ") + error.what());
  }
  return collect(parser);
}

}  // namespace orama::cli
