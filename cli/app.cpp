#include "cli/app.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/session.h"
#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/http_client.h"
#include "common/result.h"
#include "installers/dev/dev_environment.h"
#include "installers/dev/dev_host.h"
#include "installers/dev/node_root.h"
#include "installers/host/command_runner.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/host/systemd.h"

namespace orama::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Output::Settings output_settings(bool json) {
  Output::Settings settings;
  settings.format = json ? Output::Format::json : Output::Format::human;
  settings.out = isatty(STDOUT_FILENO) == 1 ? Output::Stream::terminal : Output::Stream::plain;
  settings.err = isatty(STDERR_FILENO) == 1 ? Output::Stream::terminal : Output::Stream::plain;
  settings.colour = environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  return settings;
}

bool in_group(const char* name) {
  const group* found = getgrnam(name);
  if (found == nullptr) {
    return false;
  }
  std::vector<gid_t> groups(NGROUPS_MAX + 1);
  const int count = getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<std::size_t>(std::max(count, 0)));
  return getegid() == found->gr_gid ||
         std::find(groups.begin(), groups.end(), found->gr_gid) != groups.end();
}

std::string own_program() {
  std::error_code failure;
  return std::filesystem::read_symlink("/proc/self/exe", failure).string();
}

Caller describe_caller(const std::vector<std::string>& arguments, bool development) {
  Caller caller;
  caller.root = development || geteuid() == 0;  // of a development node everybody is root
  caller.reads_admin = caller.root || in_group("orama");
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (gethostname(name.data(), name.size() - 1) == 0) {
    caller.host_name = name.data();
  }
  if (!arguments.empty()) {
    caller.program = arguments.front();
    caller.words.assign(arguments.begin() + 1, arguments.end());
  }
  const std::string share = environment("ORAMA_SHARE");
  if (!share.empty()) {
    caller.share = share;
  }
  return caller;
}

Error become_program(const std::vector<std::string>& argv) {
  std::vector<char*> pointers;
  pointers.reserve(argv.size() + 1);
  for (const std::string& word : argv) {
    pointers.push_back(const_cast<char*>(word.c_str()));  // execvp takes, and never changes, char*
  }
  pointers.push_back(nullptr);
  signal(SIGPIPE, SIG_DFL);  // an ignored signal would stay ignored
  execvp(pointers.front(), pointers.data());
  return make_error(errno == ENOENT ? Errc::not_found : Errc::failed,
                    "cannot run " + argv.front() + ": " + std::strerror(errno));
}

bool lacks_root(const CommandLine& line, const Caller& caller) {
  switch (line.command->privilege) {
    case Privilege::anyone:
      return false;
    case Privilege::root:
      return !caller.root;
    case Privilege::root_unless_plan:
      return !caller.root && !line.arguments.has("--plan");
  }
  return !caller.root;
}

// Usage first, then rights: a wrong flag is told to anyone.
Result<Report> run_command(Session& session, const CommandLine& line) {
  if (line.command->check != nullptr) {
    TRY_VOID(line.command->check(line.arguments));
  }
  if (lacks_root(line, session.caller)) {
    return needs_root_error(session.caller, "`orama " + std::string(line.command->name) + "`");
  }
  return line.command->run(session, line.arguments);
}

Report help_report(const CommandLine& line) {
  Report report;
  if (line.command != nullptr) {
    report.text = command_help(*line.command);
  } else if (!line.group.empty()) {
    report.text = group_help(commands(), line.group);
  } else {
    report.text = program_help(commands());
  }
  report.data = {{"help", report.text}};
  return report;
}

// The real world, built once.
ExitCode run_in_world(Output& output, const Caller& caller, const CommandLine& line,
                      const std::optional<installers::NodeRoot>& root) {
  installers::ProcessRunner runner([&output, &line](const installers::Command& command) {
    if (line.verbose) {
      output.note(output.paint_err(Style::faint, "+ " + command.to_string()));
    }
  });
  installers::SystemFiles files;
  installers::Systemctl systemd(runner);
  CurlHttpClient http;
  SystemClock clock;
  crypto::SystemRandom random;
  installers::Host host{runner, files, systemd, http, clock, random};
  Session session{output, host, caller, watch_interrupts(), become_program};
  if (root) {
    installers::DevHost node(host, *root);
    Session inside{output, node.host(), caller, session.interrupted, become_program, &node.root()};
    return output.finish(line.command->name, run_command(inside, line));
  }
  return output.finish(line.command->name, run_command(session, line));
}

}  // namespace

int run_orama(const std::vector<std::string>& arguments) {
  const auto root = installers::root_from_environment(own_program());
  const Caller caller = describe_caller(arguments, root.has_value());
  Result<CommandLine> line = parse_command_line(commands(), caller.words);
  Output output(std::cout, std::cerr,
                output_settings(line.ok() ? line->json : asks_for_json(caller.words)));
  if (!line.ok()) {
    return static_cast<int>(output.finish("", std::move(line).error()));
  }
  if (line->help || line->command == nullptr) {
    return static_cast<int>(output.finish("help", help_report(*line)));
  }
  return static_cast<int>(run_in_world(output, caller, *line, root));
}

}  // namespace orama::cli
