#include "installers/host/files.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "common/atomic_file.h"
#include "common/result.h"

namespace orama::installers {
namespace {

constexpr std::size_t kNameBuffer = 16384;

Error file_error(const std::string& what, const std::string& path, int number) {
  const Errc code = number == ENOENT ? Errc::not_found : Errc::failed;
  return make_error(code, what + " " + path + ": " + strerror(number),
                    number == ENOSPC ? "Free some disk space." : "");
}

std::string user_name(uid_t id) {
  std::array<char, kNameBuffer> buffer;
  passwd entry{};
  passwd* found = nullptr;
  getpwuid_r(id, &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? found->pw_name : std::to_string(id);
}

std::string group_name(gid_t id) {
  std::array<char, kNameBuffer> buffer;
  group entry{};
  group* found = nullptr;
  getgrgid_r(id, &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? found->gr_name : std::to_string(id);
}

bool is_number(const std::string& text) {
  return !text.empty() && text.size() <= 9 &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

Result<uid_t> user_id(const std::string& name) {
  std::array<char, kNameBuffer> buffer;
  passwd entry{};
  passwd* found = nullptr;
  getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) {
    return found->pw_uid;
  }
  if (is_number(name)) {
    return static_cast<uid_t>(std::stoul(name));
  }
  return make_error(Errc::not_found, "there is no user named " + name + " on this host");
}

Result<gid_t> group_id(const std::string& name) {
  std::array<char, kNameBuffer> buffer;
  group entry{};
  group* found = nullptr;
  getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) {
    return found->gr_gid;
  }
  if (is_number(name)) {
    return static_cast<gid_t>(std::stoul(name));
  }
  return make_error(Errc::not_found, "there is no group named " + name + " on this host");
}

FileKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) {
    return FileKind::regular;
  }
  if (S_ISDIR(mode)) {
    return FileKind::directory;
  }
  return S_ISLNK(mode) ? FileKind::symlink : FileKind::other;
}

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace

SystemFiles::SystemFiles()
    : SystemFiles({"/etc/orama", "/var/lib/orama", "/var/log/orama", "/run/orama"}) {}

SystemFiles::SystemFiles(std::vector<std::string> own_folders)
    : own_folders_(std::move(own_folders)) {}

Result<std::optional<FileStatus>> SystemFiles::status(const std::string& path) {
  struct stat found{};
  if (lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return std::optional<FileStatus>();
    }
    return file_error("looking at", path, errno);
  }
  FileStatus status;
  status.kind = kind_of(found.st_mode);
  status.mode = found.st_mode & 07777;
  status.owner = user_name(found.st_uid);
  status.group = group_name(found.st_gid);
  if (status.kind == FileKind::symlink) {
    std::error_code error;
    status.link_target = std::filesystem::read_symlink(path, error).string();
  }
  return std::optional<FileStatus>(std::move(status));
}

Result<std::string> SystemFiles::read(const std::string& path) {
  return read_file(path);
}

Result<void> SystemFiles::write(const std::string& path, std::string_view content,
                                const FileOwnership& ownership) {
  TRY(owner, user_id(ownership.owner));
  TRY(group, group_id(ownership.group));
  FileAttributes attributes;
  attributes.mode = ownership.mode;
  attributes.owner = owner;
  attributes.group = group;
  return write_file_atomically(path, content, attributes);
}

Result<void> SystemFiles::make_directory(const std::string& path, const FileOwnership& ownership) {
  TRY(owner, user_id(ownership.owner));
  TRY(group, group_id(ownership.group));
  const bool made = mkdir(path.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) {
    return file_error("making the folder", path, errno);
  }
  // Opened once and changed through the descriptor: a symlink put in its place is never followed.
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) {
    return errno == ENOTDIR || errno == ELOOP
               ? make_error(Errc::conflict, path + " is not a folder, and orama needs one there",
                            "Move it away.")
               : file_error("opening the folder", path, errno);
  }
  const bool set = fchown(fd, owner, group) == 0 && fchmod(fd, ownership.mode) == 0;
  const int number = errno;
  close(fd);
  if (!set) {
    return file_error("setting owner and mode of", path, number);
  }
  return made ? sync_folder(parent_of(path)) : Result<void>();
}

Result<void> SystemFiles::remove_file(const std::string& path) {
  if (unlink(path.c_str()) != 0) {
    return errno == ENOENT || errno == ENOTDIR ? Result<void>()
                                               : file_error("removing", path, errno);
  }
  return sync_folder(parent_of(path));
}

Result<void> SystemFiles::remove_directory(const std::string& path) {
  if (rmdir(path.c_str()) != 0) {
    if (errno == ENOENT) {
      return {};
    }
    if (errno == ENOTEMPTY || errno == EEXIST) {
      return make_error(Errc::conflict, "the folder " + path + " is not empty");
    }
    return file_error("removing the folder", path, errno);
  }
  return sync_folder(parent_of(path));
}

Result<void> SystemFiles::remove_tree(const std::string& path) {
  const bool own = std::any_of(own_folders_.begin(), own_folders_.end(), [&](const auto& folder) {
    return path == folder || path.rfind(folder + "/", 0) == 0;
  });
  if (!own || path.find("/../") != std::string::npos || path.ends_with("/..")) {
    return make_error(Errc::not_allowed, path + " is not a folder of orama's and is never removed");
  }
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) {
    return make_error(Errc::failed, "removing " + path + ": " + error.message());
  }
  return {};
}

Result<std::vector<std::string>> SystemFiles::list(const std::string& path) {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator entry(path, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) {
    return make_error(
        error == std::errc::no_such_file_or_directory ? Errc::not_found : Errc::failed,
        "listing " + path + ": " + error.message());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace orama::installers
