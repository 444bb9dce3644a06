#include "installers/preflight/apt_lock.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

#include "common/clock.h"
#include "common/result.h"
#include "installers/host/command_runner.h"
#include "installers/host/host.h"
#include "installers/preflight/finding.h"
#include "installers/preflight/preflight.h"

namespace orama::installers {
namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::seconds kInterval{1};

// "254:0" and "398608" in /proc/locks' form, "fe:00:398608"; "" when it is no device number.
std::string locks_form(std::string_view device, std::string_view inode) {
  unsigned major = 0;
  unsigned minor = 0;
  const char* begin = device.data();
  const char* end = begin + device.size();
  const auto before_colon = std::from_chars(begin, end, major);
  if (before_colon.ec != std::errc() || before_colon.ptr == end || *before_colon.ptr != ':' ||
      std::from_chars(before_colon.ptr + 1, end, minor).ec != std::errc()) {
    return "";
  }
  char text[32];
  std::snprintf(text, sizeof text, "%02x:%02x:", major, minor);
  return text + std::string(inode);
}

// "apt-get (process 812)"; "" when nobody holds a lock. The locks are POSIX locks: flock(1) would
// not see them, and fuser is not on every host.
Result<std::string> holder(Host& host) {
  // Ends with 1 where one of the files is not there, and prints the other's row all the same.
  TRY(rows, host.commands.run(Command({"stat", "-c", "%Hd:%Ld %i", "/var/lib/dpkg/lock-frontend",
                                       "/var/lib/dpkg/lock"})));
  TRY(locks, host.files.read("/proc/locks"));
  std::istringstream lines(rows.out);
  std::string device;
  std::string inode;
  while (lines >> device >> inode) {
    const auto pid = lock_holder(locks, device, inode);
    if (pid) {
      auto name = host.files.read("/proc/" + std::to_string(*pid) + "/comm");
      const std::string program = name.ok() ? name->substr(0, name->find('\n')) : "a program";
      return program + " (process " + std::to_string(*pid) + ")";
    }
  }
  return std::string();
}

}  // namespace

std::optional<int> lock_holder(std::string_view proc_locks, std::string_view device,
                               std::string_view inode) {
  const std::string wanted = locks_form(device, inode);
  std::istringstream lines{std::string(proc_locks)};
  std::string line;
  while (!wanted.empty() && std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string number;
    std::string type;
    std::string mode;
    std::string access;
    std::string file;
    int pid = 0;
    // A line with "->" is a process that waits for the lock before it.
    if (fields >> number >> type >> mode >> access >> pid >> file && type == "POSIX" &&
        file == wanted && pid > 0) {
      return pid;
    }
  }
  return std::nullopt;
}

Finding check_apt_lock(CheckContext& context) {
  const std::string wanted = "neither apt nor dpkg is at work";
  Clock& clock = context.host.clock;
  const SteadyTime deadline = clock.steady_now() + kPatience;
  std::string told;
  while (true) {
    const auto found = holder(context.host);
    if (!found.ok()) {
      return cannot_tell(found.error().message, wanted);
    }
    if (found->empty()) {
      return passed("neither is", wanted);
    }
    if (clock.steady_now() >= deadline) {
      return failed(*found + " holds dpkg's lock, after " + std::to_string(kPatience.count()) +
                        " s of waiting",
                    wanted,
                    "Wait until it has ended (`systemctl status apt-daily.service "
                    "apt-daily-upgrade.service unattended-upgrades.service`), then run the "
                    "command again.");
    }
    if (*found != told && context.notice) {
      context.notice("waiting for " + *found + ", which holds dpkg's lock");
    }
    told = *found;
    clock.sleep_for(kInterval);
  }
}

}  // namespace orama::installers
