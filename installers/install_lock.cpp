#include "installers/install_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "common/atomic_file.h"
#include "common/result.h"

namespace orama::installers {
namespace {

// The holder wrote its number; its command line is asked of the kernel.
std::string holder(int fd) {
  std::array<char, 32> text{};
  const ssize_t count = pread(fd, text.data(), text.size() - 1, 0);
  const std::string pid(text.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  if (pid.empty() || pid.find_first_not_of("0123456789") != std::string::npos) {
    return "another process";
  }
  auto command = read_file("/proc/" + pid + "/cmdline");
  if (!command.ok() || command->empty()) {
    return "process " + pid;
  }
  std::string& line = *command;
  while (!line.empty() && line.back() == '\0') {
    line.pop_back();
  }
  std::replace(line.begin(), line.end(), '\0', ' ');
  return "process " + pid + " (" + line + ")";
}

}  // namespace

Result<InstallLock> InstallLock::take(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    return make_error(errno == EACCES ? Errc::needs_root : Errc::failed,
                      "opening the lock " + path + ": " + strerror(errno));
  }
  InstallLock lock(fd);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return make_error(Errc::locked, holder(fd) + " is changing this host; it holds " + path,
                      "Wait until it has ended, or stop it; then type the command again.");
  }
  const std::string pid = std::to_string(getpid());
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) {
    return make_error(Errc::failed, "writing the lock " + path + ": " + strerror(errno));
  }
  return lock;
}

InstallLock::InstallLock(InstallLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

InstallLock& InstallLock::operator=(InstallLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

InstallLock::~InstallLock() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

}  // namespace orama::installers
