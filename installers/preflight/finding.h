// How a check says what it found; name and effect are added from the table. Used by the check files
// only.
#pragma once

#include <string>

#include "installers/preflight/preflight.h"

namespace orama::installers {

inline Finding passed(std::string observed, std::string wanted) {
  return Finding{{}, CheckState::ok, {}, std::move(observed), std::move(wanted), {}};
}

inline Finding failed(std::string observed, std::string wanted, std::string fix) {
  return Finding{{}, CheckState::fail, {}, std::move(observed), std::move(wanted), std::move(fix)};
}

// Could not look; `why` is an operator's words.
inline Finding cannot_tell(std::string why, std::string wanted) {
  return Finding{{}, CheckState::unknown, {}, std::move(why), std::move(wanted), {}};
}

// Whether this program may see all; a plain user's look at sockets and sshd says little.
bool is_root(Host& host);

}  // namespace orama::installers
