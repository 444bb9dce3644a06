#include "cli/exit_code.h"

#include <cstdlib>

#include "common/result.h"

namespace orama::cli {

// No default: a new Errc does not compile before it has an exit status.
ExitCode exit_code(Errc code) {
  switch (code) {
    case Errc::failed:
    case Errc::too_large:
      return ExitCode::failed;
    case Errc::invalid_argument:
      return ExitCode::usage;
    case Errc::pending:
      return ExitCode::pending;
    case Errc::not_allowed:
      return ExitCode::not_allowed;
    case Errc::not_found:
      return ExitCode::not_found;
    case Errc::conflict:
      return ExitCode::conflict;
    case Errc::preflight_failed:
      return ExitCode::preflight_failed;
    case Errc::timeout:
      return ExitCode::timeout;
    case Errc::locked:
      return ExitCode::locked;
    case Errc::needs_root:
      return ExitCode::needs_root;
    case Errc::unreachable:
      return ExitCode::unreachable;
    case Errc::quorum_refused:
      return ExitCode::quorum_refused;
    case Errc::interrupted:
      return ExitCode::interrupted;
  }
  std::abort();
}

}  // namespace orama::cli
