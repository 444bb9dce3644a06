// Files are written whole or not at all: temporary file in the same folder, mode and owner, fsync,
// rename, fsync of the folder. One function for all of orama. No locking: callers serialise.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.h"

namespace orama {

struct FileAttributes {
  mode_t mode = 0644;
  std::optional<uid_t> owner;  // absent: the caller's
  std::optional<gid_t> group;
};

// Replaces `path` by `content`. On any error the old file stands as it was and no temporary is left
// behind (a crash may leave `.<name>.orama-tmp`, which the next write replaces).
Result<void> write_file_atomically(const std::string& path, std::string_view content,
                                   const FileAttributes& attributes = {});

inline constexpr std::size_t kDefaultReadLimit = 64UL * 1024 * 1024;

// The whole file, as bytes. not_found when there is none, too_large past `limit`.
Result<std::string> read_file(const std::string& path, std::size_t limit = kDefaultReadLimit);

// fsync of a folder, so that a rename or an unlink in it is on disk.
Result<void> sync_folder(const std::string& path);

// What a file of one line holds.
std::string without_line_end(std::string text);

}  // namespace orama
