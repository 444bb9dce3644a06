// The host's file system as the installers see it; the seam behind which tests put an in-memory
// fake.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace orama::installers {

enum class FileKind { regular, directory, symlink, other };

struct FileStatus {
  FileKind kind = FileKind::regular;
  mode_t mode = 0;  // permission bits
  std::string owner,
      group;                // names ("root"), or the number's text when it has no name; "" not kept
  std::string link_target;  // symlink only
};

struct FileOwnership {
  mode_t mode = 0644;
  std::string owner = "root", group = "root";
};

class Files {
 public:
  virtual ~Files() = default;
  virtual Result<std::optional<FileStatus>> status(
      const std::string& path) = 0;                               // does not follow links
  virtual Result<std::string> read(const std::string& path) = 0;  // not_found when absent
  virtual Result<void> write(const std::string& path, std::string_view content,
                             const FileOwnership& ownership) = 0;  // whole or not at all, fsynced
  virtual Result<void> make_directory(
      const std::string& path,
      const FileOwnership& ownership) = 0;  // one level; existing: sets mode and owner
  virtual Result<void> remove_file(const std::string& path) = 0;  // absent is success
  virtual Result<void> remove_directory(
      const std::string& path) = 0;  // only when empty; conflict otherwise; absent is success
  virtual Result<void> remove_tree(
      const std::string& path) = 0;  // refuses anything outside orama's own folders
  virtual Result<std::vector<std::string>> list(
      const std::string& path) = 0;  // names, sorted; not_found when absent
};

class SystemFiles final : public Files {
 public:
  SystemFiles();  // own folders: /etc/orama, /var/lib/orama, /var/log/orama, /run/orama
  explicit SystemFiles(std::vector<std::string> own_folders);

  Result<std::optional<FileStatus>> status(const std::string& path) override;
  Result<std::string> read(const std::string& path) override;
  Result<void> write(const std::string& path, std::string_view content,
                     const FileOwnership& ownership) override;
  Result<void> make_directory(const std::string& path, const FileOwnership& ownership) override;
  Result<void> remove_file(const std::string& path) override;
  Result<void> remove_directory(const std::string& path) override;
  Result<void> remove_tree(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;

 private:
  std::vector<std::string> own_folders_;  // remove_tree works only inside these
};

}  // namespace orama::installers
