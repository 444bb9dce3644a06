// How much room a file system has, by df(1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::installers {

// What a user without root's reserve may still take. Some file systems have no fixed number of
// inodes: inodes_total is 0 there.
struct DiskSpace {
  std::uint64_t bytes = 0, inodes_total = 0, inodes = 0;
};

// Of the file system that `path` lies on; nothing when df does not say.
std::optional<DiskSpace> disk_space(CommandRunner& commands, const std::string& path);

// Programs that fail on a full disk seldom say why. Adds it to the error when the disk of /etc or
// /var/lib is full and the error does not say so itself.
Error with_full_disk(CommandRunner& commands, Error error);

}  // namespace orama::installers
