#include "cli/exit_code.h"

#include <doctest/doctest.h>

#include "common/result.h"

namespace orama::cli {

TEST_CASE("every error code has the exit status that is promised to scripts") {
  struct Row {
    Errc code;
    int status;
  };
  for (const Row row :
       {Row{Errc::failed, 1}, Row{Errc::invalid_argument, 2}, Row{Errc::pending, 3},
        Row{Errc::not_allowed, 4}, Row{Errc::not_found, 5}, Row{Errc::conflict, 6},
        Row{Errc::preflight_failed, 7}, Row{Errc::timeout, 8}, Row{Errc::locked, 9},
        Row{Errc::needs_root, 10}, Row{Errc::unreachable, 11}, Row{Errc::quorum_refused, 12},
        Row{Errc::interrupted, 130}, Row{Errc::too_large, 1}}) {
    CAPTURE(to_string(row.code));
    CHECK(static_cast<int>(exit_code(row.code)) == row.status);
  }
}

}  // namespace orama::cli
