#include <algorithm>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"
#include "installers/host/files.h"
#include "tests/support/fake_host.h"

namespace orama::tests {

using installers::FileKind;
using installers::FileOwnership;
using installers::FileStatus;

namespace {

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

bool is_under(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder + "/");
}

FileStatus status_with(FileKind kind, const FileOwnership& ownership) {
  FileStatus status;
  status.kind = kind;
  status.mode = ownership.mode;
  status.owner = ownership.owner;
  status.group = ownership.group;
  return status;
}

}  // namespace

FakeFiles::FakeFiles() {
  for (const char* path :
       {"/", "/etc", "/etc/systemd", "/etc/systemd/system", "/run", "/tmp", "/usr", "/usr/share",
        "/usr/share/orama", "/var", "/var/lib", "/var/log"}) {
    nodes_[path] = {status_with(FileKind::directory, FileOwnership{0755}), {}};
  }
}

Result<void> FakeFiles::check_parent(const std::string& path) const {
  const auto parent = nodes_.find(parent_of(path));
  if (parent == nodes_.end() || parent->second.status.kind != FileKind::directory) {
    return make_error(Errc::not_found, "there is no folder " + parent_of(path));
  }
  return {};
}

Result<std::optional<FileStatus>> FakeFiles::status(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? std::optional<FileStatus>()
                               : std::optional<FileStatus>(found->second.status);
}

Result<std::string> FakeFiles::read(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  const auto found = nodes_.find(path);
  if (found == nodes_.end()) {
    return make_error(Errc::not_found, "reading " + path + ": no such file");
  }
  return found->second.content;
}

Result<void> FakeFiles::write(const std::string& path, std::string_view content,
                              const FileOwnership& ownership) {
  const std::scoped_lock lock(mutex_);
  if (const auto failing = failing_.find(path); failing != failing_.end()) {
    return failing->second;
  }
  TRY_VOID(check_parent(path));
  ++writes_;
  nodes_[path] = {status_with(FileKind::regular, ownership), std::string(content)};
  return {};
}

Result<void> FakeFiles::make_directory(const std::string& path, const FileOwnership& ownership) {
  const std::scoped_lock lock(mutex_);
  TRY_VOID(check_parent(path));
  const auto found = nodes_.find(path);
  if (found != nodes_.end() && found->second.status.kind != FileKind::directory) {
    return make_error(Errc::conflict, path + " is not a folder");
  }
  ++writes_;
  nodes_[path] = {status_with(FileKind::directory, ownership), {}};
  return {};
}

Result<void> FakeFiles::remove_file(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  writes_ += nodes_.erase(path);
  return {};
}

Result<void> FakeFiles::remove_directory(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [other, node] : nodes_) {
    if (other != path && is_under(other, path)) {
      return make_error(Errc::conflict, "the folder " + path + " is not empty");
    }
  }
  writes_ += nodes_.erase(path);
  return {};
}

Result<void> FakeFiles::remove_tree(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  writes_ += std::erase_if(nodes_, [&](const auto& entry) { return is_under(entry.first, path); });
  return {};
}

Result<std::vector<std::string>> FakeFiles::list(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  if (!nodes_.contains(path)) {
    return make_error(Errc::not_found, "listing " + path + ": no such folder");
  }
  std::vector<std::string> names;
  for (const auto& [other, node] : nodes_) {
    if (other != "/" && parent_of(other) == path) {
      names.push_back(other.substr(other.rfind('/') + 1));
    }
  }
  return names;
}

void FakeFiles::put_parents(const std::string& path) {
  for (std::string folder = parent_of(path); !nodes_.contains(folder); folder = parent_of(folder)) {
    nodes_[folder] = {status_with(FileKind::directory, FileOwnership{0755}), {}};
  }
}

void FakeFiles::put(const std::string& path, std::string content, const FileOwnership& ownership) {
  const std::scoped_lock lock(mutex_);
  put_parents(path);
  nodes_[path] = {status_with(FileKind::regular, ownership), std::move(content)};
}

void FakeFiles::put_directory(const std::string& path, const FileOwnership& ownership) {
  const std::scoped_lock lock(mutex_);
  put_parents(path);
  nodes_[path] = {status_with(FileKind::directory, ownership), {}};
}

void FakeFiles::put_other(const std::string& path, FileKind kind) {
  const std::scoped_lock lock(mutex_);
  put_parents(path);
  nodes_[path] = {status_with(kind, FileOwnership{0666}), {}};
}

bool FakeFiles::exists(const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  return nodes_.contains(path);
}

std::string FakeFiles::content(const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? "" : found->second.content;
}

void FakeFiles::fail_writes(const std::string& path, std::optional<Error> error) {
  const std::scoped_lock lock(mutex_);
  failing_.erase(path);
  if (error) {
    failing_.emplace(path, std::move(*error));
  }
}

std::size_t FakeFiles::writes() const {
  const std::scoped_lock lock(mutex_);
  return writes_;
}

std::string FakeFiles::snapshot(const std::vector<std::string>& ignored_prefixes) const {
  const std::scoped_lock lock(mutex_);
  std::string text;
  for (const auto& [path, node] : nodes_) {
    const bool ignored = std::any_of(ignored_prefixes.begin(), ignored_prefixes.end(),
                                     [&](const auto& prefix) { return is_under(path, prefix); });
    if (!ignored) {
      char mode[8];
      std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(node.status.mode));
      text += path + " " + mode + " " + node.status.owner + ":" + node.status.group + "\n" +
              node.content + "\n";
    }
  }
  return text;
}

}  // namespace orama::tests
