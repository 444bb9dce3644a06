#include "cli/commands_dev.h"

#include <vector>

#include "cli/command.h"
#include "cli/commands/commands.h"

namespace orama::cli {
namespace {

using Takes = Flag::Takes;

const Positional& dev_node_word() {
  static const Positional word = {.name = "NODE",
                                  .summary = "node1 to node5, as `orama dev status` has it",
                                  .choices = "node1 node2 node3 node4 node5"};
  return word;
}

std::vector<Command> looking_commands() {
  return {
      {.name = "dev status",
       .summary = "Show the nodes of the development cluster",
       .details = "Exit status: 0 whole, 3 not whole, 11 none runs.",
       .run = run_dev_status},
      {.name = "dev logs",
       .summary = "Show the log of a node's units, or of one of them",
       .flags = {{.name = "--follow", .letter = 'f', .summary = "go on showing new lines"},
                 {.name = "--lines",
                  .letter = 'n',
                  .takes = Takes::value,
                  .value = "N",
                  .summary = "show the last N lines of each (default: 100)"}},
       .positional = dev_node_word(),
       .second = {.name = "UNIT", .summary = "such as gateway or orama-rqlite.service"},
       .check = check_dev_logs,
       .run = run_dev_logs},
  };
}

std::vector<Command> changing_commands() {
  return {
      {.name = "dev restart",
       .summary = "Restart a node, and wait until the cluster is whole",
       .positional = dev_node_word(),
       .check = check_dev_node,
       .run = run_dev_restart},
      {.name = "dev kill",
       .summary = "Kill all processes of a node at once; it boots again by itself",
       .flags = {{.name = "--for",
                  .takes = Takes::value,
                  .value = "DURATION",
                  .summary = "how long it stays off (default: 5s)"}},
       .positional = dev_node_word(),
       .check = check_dev_node,
       .run = run_dev_kill},
      {.name = "dev down",
       .summary = "Stop the development cluster; its data stays",
       .flags = {{.name = "--purge", .summary = "delete its data too"}},
       .run = run_dev_down},
      {.name = "dev supervise",
       .summary = "Run the processes of the development cluster (`orama dev up` does)",
       .flags = {{.name = "--folder",
                  .takes = Takes::value,
                  .value = "DIR",
                  .summary = "where the nodes lie"},
                 {.name = "--units",
                  .takes = Takes::value,
                  .value = "DIR",
                  .summary = "the static unit files"},
                 {.name = "--share",
                  .takes = Takes::value,
                  .value = "DIR",
                  .summary = "holds templates/"},
                 {.name = "--programs",
                  .takes = Takes::values,
                  .value = "DIR",
                  .summary = "searched for the programs; may be repeated"}},
       .visibility = Visibility::hidden,
       .run = run_dev_supervise},
  };
}

}  // namespace

std::vector<Command> dev_commands() {
  std::vector<Command> table = {
      {.name = "dev up",
       .summary = "Bring up a cluster of whole nodes on this machine, for developers",
       .details =
           "Needs no root and touches nothing of the host: each node is a folder, a loopback\n"
           "address (127.0.1.1 and on) and processes of yours. Typed again it goes on where it\n"
           "stopped. Data lies in ${XDG_STATE_HOME:-~/.local/state}/orama/dev.",
       .flags = {{.name = "--nodes",
                  .takes = Takes::value,
                  .value = "N",
                  .choices = "1 2 3 4 5",
                  .summary = "how many (default: as many as there are, 5 at first)"},
                 {.name = "--embedded", .summary = "one gateway without engines instead"},
                 {.name = "--engines",
                  .takes = Takes::value,
                  .value = "DIR",
                  .summary = "folder with the engines' programs (default: this build's)"}},
       .check = check_dev_up,
       .run = run_dev_up}};
  for (const auto& part : {looking_commands(), changing_commands()}) {
    table.insert(table.end(), part.begin(), part.end());
  }
  return table;
}

}  // namespace orama::cli
