#include "installers/steps/firewall_ssh.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"
#include "installers/host/command_runner.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/steps/firewall_sockets.h"

namespace orama::installers {
namespace {

constexpr int kMaxAncestors = 64;

bool is_ssh_server(std::string_view program) {
  return program == "sshd" || program == "sshd-session" || program == "dropbear";
}

bool held_by_ssh(const SocketLine& line) {
  return std::any_of(
      line.holders.begin(), line.holders.end(),
      [](const SocketLine::Holder& holder) { return is_ssh_server(holder.program); });
}

// Of the process tree above us: sshd's process ids and what SSH_CONNECTION says.
struct Ancestry {
  std::set<int> ssh_pids;
  std::vector<SshSession> sessions;
};

void read_environment(Files& files, const std::string& folder, Ancestry& ancestry) {
  const Result<std::string> text = files.read(folder + "/environ");
  constexpr std::string_view kName = "SSH_CONNECTION=";
  if (!text.ok()) {
    return;  // of another user, or gone: the other sources serve
  }
  std::string_view rest = text.value();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    const std::string_view entry = rest.substr(0, end);
    if (entry.starts_with(kName)) {
      if (auto session = parse_ssh_connection(entry.substr(kName.size()))) {
        ancestry.sessions.push_back(*session);
      }
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

// sudo drops SSH_CONNECTION, but the shell that ran sudo still has it; so every ancestor is asked.
Ancestry read_ancestry(Files& files) {
  Ancestry ancestry;
  std::string process = "self";
  for (int depth = 0; depth < kMaxAncestors; ++depth) {
    const std::string folder = "/proc/" + process;
    const Result<std::string> stat = files.read(folder + "/stat");
    if (!stat.ok()) {
      break;
    }
    const auto status = parse_process_status(stat.value());
    if (!status) {
      break;
    }
    if (is_ssh_server(status->program)) {
      ancestry.ssh_pids.insert(status->pid);
    }
    read_environment(files, folder, ancestry);
    if (status->parent <= 1) {
      break;
    }
    process = std::to_string(status->parent);
  }
  return ancestry;
}

std::string output_of(CommandRunner& commands, std::vector<std::string> arguments) {
  const Result<CommandOutput> output = commands.run(Command(std::move(arguments)));
  return output.ok() && output->ok() ? output->out : std::string();
}

void add_listeners(const std::vector<SocketLine>& lines, SshSurvey& survey) {
  for (const SocketLine& line : lines) {
    // sshd also listens on the loopback for X11 and forwarded ports: nobody outside reaches those.
    if (line.state == "LISTEN" && held_by_ssh(line) && !line.local.is_loopback()) {
      survey.ports.insert(line.local_port);
    }
  }
  for (const SocketLine& line : lines) {
    if (line.state == "LISTEN" && survey.ports.contains(line.local_port) &&
        !line.local.is_loopback()) {
      survey.listening.insert(line.local_port);
      survey.listens_v4 = survey.listens_v4 || line.any_family || line.local.is_v4();
      survey.listens_v6 = survey.listens_v6 || line.local.is_v6();
    }
  }
}

// The socket that an sshd above us serves: its lowest descriptor; higher ones are forwarded
// connections.
void add_ancestor_sockets(const std::vector<SocketLine>& lines, const Ancestry& ancestry,
                          SshSurvey& survey) {
  std::map<int, std::pair<int, int>> lowest;  // pid -> descriptor, port
  for (const SocketLine& line : lines) {
    for (const SocketLine::Holder& holder : line.holders) {
      if (line.state == "ESTAB" && ancestry.ssh_pids.contains(holder.pid)) {
        const auto found = lowest.find(holder.pid);
        if (found == lowest.end() || holder.fd < found->second.first) {
          lowest[holder.pid] = {holder.fd, line.local_port};
        }
      }
    }
  }
  for (const auto& [pid, socket] : lowest) {
    survey.ports.insert(socket.second);
  }
}

void add_sessions(const std::vector<SocketLine>& lines, SshSurvey& survey) {
  for (const SocketLine& line : lines) {
    if (line.state == "ESTAB" && line.peer && survey.ports.contains(line.local_port) &&
        !line.peer->is_loopback() && *line.peer != line.local) {
      survey.sessions.push_back({*line.peer, line.local, line.local_port});
    }
  }
}

}  // namespace

Result<SshSurvey> survey_ssh(Host& host) {
  SshSurvey survey;
  survey.ports = parse_sshd_ports(output_of(host.commands, {"sshd", "-T"}));
  survey.ports.merge(parse_socket_unit_ports(output_of(
      host.commands, {"systemctl", "show", "--property=ActiveState,Listen", "ssh.socket"})));
  TRY(listening, run_checked(host.commands, Command({"ss", "-H", "-tlnp"})));
  TRY(connected, run_checked(host.commands, Command({"ss", "-H", "-tnp"})));
  const std::vector<SocketLine> connections = parse_ss(connected);
  const Ancestry ancestry = read_ancestry(host.files);
  for (const SshSession& session : ancestry.sessions) {
    survey.ports.insert(session.local_port);
  }
  add_ancestor_sockets(connections, ancestry, survey);
  add_listeners(parse_ss(listening), survey);
  add_sessions(connections, survey);
  return survey;
}

}  // namespace orama::installers
