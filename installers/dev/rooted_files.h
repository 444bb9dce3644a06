// The Files of a development node: paths of a production node stand under the node's root, owners
// and groups are not kept (one user has all), and a file that names such a path names, on the disk,
// the one under the root, so that every program finds its own; read back it says what was written.
// What stands elsewhere may be read and never changed. Key files are never searched for paths.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "installers/dev/node_root.h"
#include "installers/host/files.h"

namespace orama::installers {

class RootedFiles final : public Files {
 public:
  explicit RootedFiles(NodeRoot root);

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
  // The mapped path; not_allowed for one outside of the root.
  Result<std::string> own(const std::string& path) const;

  NodeRoot root_;
  SystemFiles inner_;
};

}  // namespace orama::installers
