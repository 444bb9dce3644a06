#include "cli/dev/dev_engines.h"

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "cli/dev/dev_layout.h"
#include "cli/session.h"
#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBuildScript = "/packaging/components/build.py";
constexpr std::chrono::minutes kLongestBuild{60};

// Programs lie in it, or in bin/ below it.
Result<void> add_folder(const std::string& folder, DevLayout& layout) {
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) {
    return make_error(Errc::not_found, "there is no folder " + folder + " with engines");
  }
  const std::string absolute = fs::absolute(folder, failure).string();
  for (const std::string& one : {absolute + "/bin", absolute}) {
    if (fs::is_directory(one, failure)) {
      layout.programs.folders.push_back(one);
    }
  }
  return {};
}

}  // namespace

Result<void> find_engines(Session& session, const std::optional<std::string>& folder,
                          DevLayout& layout) {
  if (folder) {
    return add_folder(*folder, layout);
  }
  if (layout.source_tree.empty()) {
    return {};
  }
  session.output.live(
      "looking for the engines (the first time they are built, which takes minutes) …");
  installers::Command build({layout.source_tree + kBuildScript});
  build.timeout = kLongestBuild;
  for (const char* name : {"HOME", "PATH", "XDG_CACHE_HOME", "GOPROXY", "GOFLAGS", "GOMODCACHE"}) {
    if (const char* value = std::getenv(name); value != nullptr) {
      build.environment[name] = value;
    }
  }
  TRY(printed, installers::run_checked(session.host.commands, build));
  for (std::string_view rest = printed; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    if (end > 0) {
      TRY_VOID(add_folder(std::string(rest.substr(0, end)), layout));
    }
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return {};
}

}  // namespace orama::cli
