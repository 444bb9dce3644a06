// Whether apt or dpkg is at work: an install beside it would fight for the same packages and units.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "installers/preflight/preflight.h"

namespace orama::installers {

// Waits for its end, 60 s at most.
Finding check_apt_lock(CheckContext& context);

// The process that holds a POSIX lock on the file, from the text of /proc/locks; `device` and
// `inode` as stat prints them ("254:0", "398608").
std::optional<int> lock_holder(std::string_view proc_locks, std::string_view device,
                               std::string_view inode);

}  // namespace orama::installers
