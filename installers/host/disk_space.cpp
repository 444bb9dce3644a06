#include "installers/host/disk_space.h"

#include <cstdint>
#include <optional>
#include <sstream>
#include <string>

#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::installers {
namespace {

// Below this no receipt, passwd file or unit link can be rewritten: each needs its second copy.
constexpr std::uint64_t kFull = 64UL * 1024;

}  // namespace

// A heading and a row; what has no number is "-".
std::optional<DiskSpace> disk_space(CommandRunner& commands, const std::string& path) {
  const auto output =
      commands.run(Command({"df", "--output=avail,itotal,iavail", "--block-size=1", path}));
  if (!output.ok() || !output->ok()) {
    return std::nullopt;
  }
  std::istringstream rows(output->out);
  std::string heading;
  std::getline(rows, heading);
  DiskSpace space;
  std::string total;
  std::string left;
  if (!(rows >> space.bytes >> total >> left)) {
    return std::nullopt;
  }
  std::istringstream(total) >> space.inodes_total;
  std::istringstream(left) >> space.inodes;
  return space;
}

Error with_full_disk(CommandRunner& commands, Error error) {
  if (error.message.find("No space left") != std::string::npos) {
    return error;
  }
  for (const char* path : {"/etc", "/var/lib"}) {
    const auto space = disk_space(commands, path);
    if (!space) {
      continue;
    }
    const bool no_inodes = space->inodes_total != 0 && space->inodes == 0;
    if (space->bytes < kFull || no_inodes) {
      error.message += std::string("; no space left on the disk of ") + path + " (" +
                       std::to_string(space->bytes) + " bytes" +
                       (no_inodes ? " and no inode" : "") + " free)";
      error.hint += std::string(error.hint.empty() ? "" : " ") +
                    "Free some space first (`apt-get clean`, `journalctl --vacuum-size=100M`).";
      return error;
    }
  }
  return error;
}

}  // namespace orama::installers
