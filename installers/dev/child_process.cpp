#include "installers/dev/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "common/atomic_file.h"
#include "common/result.h"
#include "installers/dev/descriptor.h"

namespace orama::installers {
namespace {

constexpr int kStartTimeField = 22;  // of /proc/PID/stat, proc(5)

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) {
    result.push_back(const_cast<char*>(text.c_str()));  // execve takes, and never changes, char*
  }
  result.push_back(nullptr);
  return result;
}

void raise_open_files(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
    static_cast<void>(setrlimit(RLIMIT_NOFILE, &limit));  // what the host allows has to do
  }
}

void forget_signals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD}) {
    signal(number, SIG_DFL);
  }
}

// In the child; returns only when the program cannot be run.
int become(const ChildOrder& order, pid_t parent, char* const* argv, char* const* environment) {
  setsid();
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
    return ESRCH;  // the supervisor died in between
  }
  forget_signals();
  ::umask(order.umask);
  if (order.open_files) {
    raise_open_files(*order.open_files);
  }
  const int input = open("/dev/null", O_RDONLY);
  if (input < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(order.output, STDOUT_FILENO) < 0 ||
      dup2(order.output, STDERR_FILENO) < 0 || chdir(order.folder.c_str()) != 0) {
    return errno;
  }
  execve(argv[0], argv, environment);
  return errno;
}

// The text behind the name, which stands in parentheses and may hold anything.
std::string start_time(pid_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t end = text.ok() ? text->rfind(')') : std::string::npos;
  if (end == std::string::npos) {
    return "";
  }
  std::string_view rest = std::string_view(*text).substr(end + 1);
  for (int field = 2; field < kStartTimeField; ++field) {
    rest.remove_prefix(std::min(rest.find(' ') + 1, rest.size()));
    if (field == 2 && rest.starts_with('Z')) {
      return "";  // ended, not yet reaped
    }
  }
  return std::string(rest.substr(0, rest.find(' ')));
}

}  // namespace

Result<Child> start_child(const ChildOrder& order) {
  ORAMA_ASSERT(!order.argv.empty());
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return make_error(Errc::failed, std::string("making a pipe: ") + strerror(errno));
  }
  Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  const std::vector<char*> argv = pointers(order.argv);
  const std::vector<char*> environment = pointers(order.environment);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    const int failure = become(order, parent, argv.data(), environment.data());
    [[maybe_unused]] const ssize_t told = write(write_end.get(), &failure, sizeof failure);
    _exit(203);  // as systemd has it: EXIT_EXEC
  }
  if (pid < 0) {
    return make_error(Errc::failed, std::string("starting a process: ") + strerror(errno));
  }
  fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
  Child child;
  child.pid = pid;
  child.executed = std::move(read_end);
  return child;
}

void signal_group(pid_t group, int signal) {
  if (group > 0) {
    kill(group, signal);  // before its setsid the group does not exist yet
    killpg(group, signal);
  }
}

std::string process_identity(pid_t pid) {
  const std::string started = start_time(pid);
  return started.empty() ? "" : std::to_string(pid) + " " + started;
}

std::optional<pid_t> living_process(const std::string& identity) {
  pid_t pid = 0;
  const auto [end, failure] =
      std::from_chars(identity.data(), identity.data() + identity.size(), pid);
  if (failure != std::errc{} || pid <= 1 || process_identity(pid) != without_line_end(identity)) {
    return std::nullopt;
  }
  return pid;
}

}  // namespace orama::installers
