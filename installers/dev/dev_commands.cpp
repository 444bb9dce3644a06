#include "installers/dev/dev_commands.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/api/node_file.h"
#include "common/result.h"
#include "installers/dev/dev_environment.h"
#include "installers/dev/node_root.h"
#include "installers/host/command_runner.h"
#include "installers/host/files.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr int kDevMtu = 1420;  // as where there is no default route (mesh_interface.h)
// They only look.
constexpr std::array<std::string_view, 3> kLooking = {"stat", "df", "nproc"};

CommandOutput said(std::string out) {
  CommandOutput output;
  output.out = std::move(out);
  return output;
}

CommandOutput failed() {
  CommandOutput output;
  output.exit_status = 1;
  return output;
}

bool has_word(const Command& command, std::string_view word) {
  return std::find(command.argv.begin(), command.argv.end(), word) != command.argv.end();
}

}  // namespace

DevCommands::DevCommands(CommandRunner& inner, Files& files, NodeRoot root)
    : inner_(inner), files_(files), root_(std::move(root)) {}

Result<CommandOutput> DevCommands::run(const Command& command) {
  const std::string& program = command.argv.front();
  if (program == "ip") {
    return answer_ip(command);
  }
  if (program == "getent") {
    return said("");  // one user is all of them
  }
  if (program == "dpkg-query" || program == "journalctl") {
    return failed();  // no packages, no journal
  }
  const bool looks =
      std::find(kLooking.begin(), kLooking.end(), std::string_view(program)) != kLooking.end();
  if (looks || program.starts_with("/usr/lib/orama/") || program == "/usr/bin/orama") {
    return run_mapped(command);
  }
  return make_error(Errc::not_found,
                    "a development node does not run `" + program + "` on its host");
}

// The mesh interface has the node's address, and there is no default route to measure.
Result<CommandOutput> DevCommands::answer_ip(const Command& command) {
  if (!has_word(command, "address") || !has_word(command, "show")) {
    return said(has_word(command, "-json") ? "[]" : "");
  }
  const auto text = files_.read(paths::kNodeJson);
  const auto node =
      text.ok() ? api::NodeFile::from_text(*text) : Result<api::NodeFile>(text.error());
  if (!node.ok()) {
    return failed();
  }
  const json address = {{"family", "inet"},
                        {"local", node->mesh_ip.to_string()},
                        {"prefixlen", node->mesh_cidr.prefix()}};
  const json link = {{"ifname", paths::kMeshInterface},
                     {"flags", {"UP"}},
                     {"mtu", kDevMtu},
                     {"addr_info", {address}}};
  return said(json::array({link}).dump());
}

Result<CommandOutput> DevCommands::run_mapped(const Command& command) {
  Command mapped = command;
  for (std::string& word : mapped.argv) {
    TRY(here, root_.word(word));
    word = std::move(here);
  }
  for (auto& [name, value] : mapped.environment) {
    value = root_.text(value);
  }
  mapped.environment.merge(dev_environment(root_));
  return inner_.run(mapped);
}

}  // namespace orama::installers
