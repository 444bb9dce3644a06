// ProcessRunner. posix_spawn, because a fork in a program with threads may call almost nothing; a
// pidfd, so that waiting for the end and for output is one poll.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" {
#include <sys/pidfd.h>  // glibc 2.36 declares it without C linkage
}

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::installers {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::array kSystemFolders = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                       "/usr/bin",        "/sbin",          "/bin"};
constexpr std::array<std::pair<const char*, const char*>, 3> kEnvironment = {
    {{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
     {"LANG", "C.UTF-8"},
     {"HOME", "/root"}}};
constexpr std::size_t kMostOutput = 1024UL * 1024;
constexpr milliseconds kTermGrace{2000};
// A daemon that a command left behind may hold its output open: this long is waited for the rest.
constexpr milliseconds kDrainGrace{250};

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(); }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  void reset(int fd = -1) {
    if (fd_ >= 0) {
      close(fd_);
    }
    fd_ = fd;
  }

 private:
  int fd_;
};

Error system_error(const std::string& what, int number) {
  return make_error(Errc::failed, what + ": " + strerror(number));
}

Result<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    return access(name.c_str(), X_OK) == 0
               ? Result<std::string>(name)
               : make_error(Errc::not_found, "there is no program " + name);
  }
  for (const char* folder : kSystemFolders) {
    std::string path = std::string(folder) + "/" + name;
    if (access(path.c_str(), X_OK) == 0) {
      return path;
    }
  }
  return make_error(Errc::not_found, "there is no program `" + name + "` in the system folders",
                    "Install the package that has it.");
}

// Input lies in memory, not in a pipe: nothing to feed while the process runs, no SIGPIPE.
Result<void> open_input(const std::string& input, Descriptor& descriptor) {
  if (input.empty()) {
    descriptor.reset(open("/dev/null", O_RDONLY | O_CLOEXEC));
    return descriptor.valid() ? Result<void>() : system_error("opening /dev/null", errno);
  }
  descriptor.reset(memfd_create("orama-input", MFD_CLOEXEC));
  if (!descriptor.valid()) {
    return system_error("keeping input in memory", errno);
  }
  std::size_t written = 0;
  while (written < input.size()) {
    const ssize_t count = write(descriptor.get(), input.data() + written, input.size() - written);
    if (count < 0) {
      return system_error("keeping input in memory", errno);
    }
    written += static_cast<std::size_t>(count);
  }
  lseek(descriptor.get(), 0, SEEK_SET);
  return {};
}

struct Pipe {
  Descriptor read_end, write_end;

  Result<void> open() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
      return system_error("making a pipe", errno);
    }
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
    return {};
  }
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    result.push_back(text.data());
  }
  result.push_back(nullptr);
  return result;
}

// A group of its own, no descriptor but 0-2, signals as a shell would leave them, folder /.
Result<pid_t> spawn(const Command& command, const std::string& program, int in, int out, int err) {
  std::vector<std::string> arguments = command.argv;
  std::vector<std::string> environment;
  for (const auto& [name, value] : kEnvironment) {
    if (!command.environment.contains(name)) {
      environment.push_back(std::string(name) + "=" + value);
    }
  }
  for (const auto& [name, value] : command.environment) {
    environment.push_back(name);
    environment.back().append("=").append(value);
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, err, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawn_file_actions_addchdir_np(&actions, "/");
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int failure = posix_spawn(&pid, program.c_str(), &actions, &attributes,
                                  pointers(arguments).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failure != 0) {
    return system_error("starting " + program, failure);
  }
  return pid;
}

// Reads what is there; false at the end of the stream.
bool read_some(int fd, std::string& into) {
  std::array<char, 65536> buffer;
  while (true) {
    const ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count > 0) {
      const std::size_t room = kMostOutput - std::min(kMostOutput, into.size());
      into.append(buffer.data(), std::min(room, static_cast<std::size_t>(count)));
      continue;
    }
    return count < 0 && (errno == EAGAIN || errno == EINTR);
  }
}

int milliseconds_until(SteadyClock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - SteadyClock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 60000));
}

// One running process: collects output until it ended and its output closed, or the deadline
// passed.
class Process {
 public:
  Process(pid_t pid, int out, int err) : pid_(pid), pidfd_(pidfd_open(pid, 0)), fds_{out, err} {}

  void collect(CommandOutput& output, SteadyClock::time_point deadline) {
    while (SteadyClock::now() < deadline && !(ended_ && fds_[0] < 0 && fds_[1] < 0)) {
      std::array<pollfd, 3> polled{pollfd{fds_[0], POLLIN, 0}, pollfd{fds_[1], POLLIN, 0},
                                   pollfd{ended_ ? -1 : pidfd_.get(), POLLIN, 0}};
      if (poll(polled.data(), polled.size(), milliseconds_until(deadline)) < 0) {
        continue;  // EINTR
      }
      drain(0, polled[0].revents, output.out);
      drain(1, polled[1].revents, output.err);
      if (polled[2].revents != 0) {
        ended_ = true;
        deadline = std::min(deadline, SteadyClock::now() + kDrainGrace);
      }
    }
  }

  bool ended() const { return ended_; }
  // The process is not reaped yet, so its number still names this group.
  void signal_group(int number) const { kill(-pid_, number); }

  int reap() const {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  void drain(std::size_t index, short events, std::string& into) {
    if (events != 0 && !read_some(fds_[index], into)) {
      fds_[index] = -1;
    }
  }

  pid_t pid_;
  Descriptor pidfd_;
  std::array<int, 2> fds_;
  bool ended_ = false;
};

}  // namespace

ProcessRunner::ProcessRunner(std::function<void(const Command&)> on_start)
    : on_start_(std::move(on_start)) {}

Result<CommandOutput> ProcessRunner::run(const Command& command) {
  ORAMA_ASSERT(!command.argv.empty());
  TRY(program, find_program(command.argv[0]));
  if (on_start_) {
    on_start_(command);
  }
  Descriptor input;
  Pipe out;
  Pipe err;
  TRY_VOID(open_input(command.input, input));
  TRY_VOID(out.open());
  TRY_VOID(err.open());
  TRY(pid, spawn(command, program, input.get(), out.write_end.get(), err.write_end.get()));
  out.write_end.reset();
  err.write_end.reset();

  CommandOutput output;
  Process process(pid, out.read_end.get(), err.read_end.get());
  process.collect(output, SteadyClock::now() + command.timeout);
  const bool timed_out = !process.ended();
  if (timed_out) {
    process.signal_group(SIGTERM);
    process.collect(output, SteadyClock::now() + kTermGrace);
    process.signal_group(SIGKILL);
  }
  output.exit_status = process.reap();
  if (timed_out) {
    return make_error(Errc::timeout, "`" + command.to_string() + "` did not end within " +
                                         std::to_string(command.timeout.count()) +
                                         " ms and was stopped");
  }
  return output;
}

}  // namespace orama::installers
