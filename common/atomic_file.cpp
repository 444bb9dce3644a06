#include "common/atomic_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "common/result.h"

namespace orama {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

Errc code_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return Errc::not_found;
    case EACCES:
    case EPERM:
      return Errc::not_allowed;
    default:
      return Errc::failed;
  }
}

std::string hint_for(int error, const std::string& folder) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "free some space: df -h " + folder;
    case EROFS:
      return "the file system is mounted read-only: findmnt -T " + folder;
    default:
      return "";
  }
}

Error system_error(const std::string& what, const std::string& path, int error) {
  return make_error(code_of(error), what + " " + path + ": " + std::strerror(error));
}

struct SplitPath {
  std::string folder;
  std::string name;
};

SplitPath split(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) {
    return {".", path};
  }
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

// 0, or the errno of what failed.
int write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return errno;
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// The temporary file, complete and on disk; 0, or the errno of what failed.
int write_temporary(int folder, const std::string& name, std::string_view content,
                    const FileAttributes& attributes) {
  ::unlinkat(folder, name.c_str(), 0);  // a crash may have left one
  // 0600 until owner and mode are set, so that nobody opens it in between.
  const Descriptor file(
      ::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) {
    return errno;
  }
  struct stat made{};
  if (::fstat(file.get(), &made) != 0) {
    return errno;
  }
  // Not called where it would change nothing: a unit that is denied @chown may write its own files.
  const bool change_owner = attributes.owner.value_or(made.st_uid) != made.st_uid ||
                            attributes.group.value_or(made.st_gid) != made.st_gid;
  // chown first: it clears bits of the mode.
  if (change_owner && ::fchown(file.get(), attributes.owner.value_or(static_cast<uid_t>(-1)),
                               attributes.group.value_or(static_cast<gid_t>(-1))) != 0) {
    return errno;
  }
  if (::fchmod(file.get(), attributes.mode) != 0) {
    return errno;
  }
  if (const int error = write_all(file.get(), content); error != 0) {
    return error;
  }
  return ::fsync(file.get()) == 0 ? 0 : errno;
}

}  // namespace

Result<void> write_file_atomically(const std::string& path, std::string_view content,
                                   const FileAttributes& attributes) {
  const SplitPath where = split(path);
  if (where.name.empty() || where.name == "." || where.name == "..") {
    return make_error(Errc::invalid_argument, "writing \"" + path + "\": not the name of a file");
  }
  const Descriptor folder(::open(where.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) {
    return system_error("writing " + path + ": opening its folder", where.folder, errno);
  }
  const std::string temporary = "." + where.name + ".orama-tmp";
  int error = write_temporary(folder.get(), temporary, content, attributes);
  if (error == 0 &&
      ::renameat(folder.get(), temporary.c_str(), folder.get(), where.name.c_str()) != 0) {
    error = errno;
  }
  if (error != 0) {
    ::unlinkat(folder.get(), temporary.c_str(), 0);
    Error failure = system_error("writing", path, error);
    failure.hint = hint_for(error, where.folder);
    return failure;
  }
  if (::fsync(folder.get()) != 0) {
    return system_error(
        "writing " + path + ": the new file stands, but not yet surely on disk: fsync of",
        where.folder, errno);
  }
  return {};
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOCTTY | O_CLOEXEC));
  if (!file.valid()) {
    return system_error("reading", path, errno);
  }
  std::string content;
  std::string block(64UL * 1024, '\0');
  while (true) {
    const ssize_t got = ::read(file.get(), block.data(), block.size());
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      return system_error("reading", path, errno);
    }
    if (got == 0) {
      return content;
    }
    content.append(block, 0, static_cast<std::size_t>(got));
    if (content.size() > limit) {
      return make_error(Errc::too_large, "reading " + path + ": found more than " +
                                             std::to_string(limit) + " bytes, which is the limit");
    }
  }
}

Result<void> sync_folder(const std::string& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || ::fsync(folder.get()) != 0) {
    return system_error("fsync of the folder", path, errno);
  }
  return {};
}

std::string without_line_end(std::string text) {
  while (text.ends_with('\n')) {
    text.pop_back();
  }
  return text;
}

}  // namespace orama
