// The one lock of everything that changes this host: flock on a file in /run, so that a killed
// holder leaves nothing behind. Held until destroyed. Movable, not copyable.
#pragma once

#include <string>

#include "common/result.h"

namespace orama::installers {

class InstallLock {
 public:
  // Errc::locked names the holder's process and command.
  static Result<InstallLock> take(const std::string& path);

  InstallLock(InstallLock&& other) noexcept;
  InstallLock& operator=(InstallLock&& other) noexcept;
  InstallLock(const InstallLock&) = delete;
  InstallLock& operator=(const InstallLock&) = delete;
  ~InstallLock();

 private:
  explicit InstallLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace orama::installers
