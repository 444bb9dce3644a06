// Starts a process of a unit: a session and process group of its own, no descriptor but 0 to 2,
// killed by the kernel when the supervisor is gone. For a program with one thread only (it forks).
// A record of it on the disk lets the next supervisor find what the kernel left.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/result.h"
#include "installers/dev/descriptor.h"

namespace orama::installers {

struct ChildOrder {
  std::vector<std::string> argv;         // argv[0] is the program's path
  std::vector<std::string> environment;  // "NAME=value", all of it
  std::string folder = "/";
  mode_t umask = 0022;
  std::optional<std::size_t> open_files;  // raised as far as the hard limit allows
  int output = -1;                        // standard output and error
};

struct Child {
  pid_t pid = 0;
  // Ends (end of file) when the program runs; holds errno (an int) when it could not be run.
  Descriptor executed;
};

Result<Child> start_child(const ChildOrder& order);

// Kills a whole group by SIGTERM, SIGKILL and the like; one that is gone is no error.
void signal_group(pid_t group, int signal);

// "4711 831276", the second being the start time of /proc/PID/stat; "" when there is no such
// process.
std::string process_identity(pid_t pid);
// Whether the process that wrote down this identity still runs.
std::optional<pid_t> living_process(const std::string& identity);

}  // namespace orama::installers
