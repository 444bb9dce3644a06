#include "installers/dev/rooted_files.h"

#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"
#include "installers/dev/node_root.h"
#include "installers/host/files.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

bool is_secret(const std::string& path) {
  return path.starts_with(std::string(paths::kSecrets) + "/");
}

// The caller's own: numbers are names where no other is known.
FileOwnership as_caller(const FileOwnership& ownership) {
  return {ownership.mode, std::to_string(geteuid()), std::to_string(getegid())};
}

}  // namespace

RootedFiles::RootedFiles(NodeRoot root) : root_(std::move(root)), inner_({root_.folder()}) {}

Result<std::string> RootedFiles::own(const std::string& path) const {
  std::string mapped = root_.path(path);
  if (!mapped.starts_with(root_.folder() + "/")) {
    return make_error(Errc::not_allowed,
                      "a development node changes nothing outside of its folder: " + path);
  }
  return mapped;
}

Result<std::optional<FileStatus>> RootedFiles::status(const std::string& path) {
  TRY(found, inner_.status(root_.path(path)));
  if (found) {
    found->owner.clear();
    found->group.clear();
  }
  return found;
}

Result<std::string> RootedFiles::read(const std::string& path) {
  TRY(content, inner_.read(root_.path(path)));
  return is_secret(path) ? std::move(content) : root_.production_text(content);
}

Result<void> RootedFiles::write(const std::string& path, std::string_view content,
                                const FileOwnership& ownership) {
  TRY(mapped, own(path));
  return inner_.write(mapped, is_secret(path) ? std::string(content) : root_.text(content),
                      as_caller(ownership));
}

Result<void> RootedFiles::make_directory(const std::string& path, const FileOwnership& ownership) {
  TRY(mapped, own(path));
  return inner_.make_directory(mapped, as_caller(ownership));
}

Result<void> RootedFiles::remove_file(const std::string& path) {
  TRY(mapped, own(path));
  return inner_.remove_file(mapped);
}

Result<void> RootedFiles::remove_directory(const std::string& path) {
  TRY(mapped, own(path));
  return inner_.remove_directory(mapped);
}

Result<void> RootedFiles::remove_tree(const std::string& path) {
  TRY(mapped, own(path));
  return inner_.remove_tree(mapped);
}

Result<std::vector<std::string>> RootedFiles::list(const std::string& path) {
  return inner_.list(root_.path(path));
}

}  // namespace orama::installers
