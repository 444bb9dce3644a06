// Exit statuses of the `orama` command: a promise to scripts, so numbers never change their
// meaning. One table maps Errc to them (docs/operating.md prints the same table).
#pragma once

#include "common/result.h"

namespace orama::cli {

enum class ExitCode : int {
  ok = 0,
  failed = 1,
  usage = 2,
  pending = 3,  // changes are pending, or the node is degraded
  not_allowed = 4,
  not_found = 5,
  conflict = 6,
  preflight_failed = 7,
  timeout = 8,
  locked = 9,
  needs_root = 10,
  unreachable = 11,
  quorum_refused = 12,
  interrupted = 130,  // 128 + SIGINT, as shells report it
};

ExitCode exit_code(Errc code);

}  // namespace orama::cli
