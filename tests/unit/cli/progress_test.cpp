#include "cli/progress.h"

#include <chrono>
#include <sstream>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "cli/output.h"
#include "installers/plan.h"

namespace orama::cli {
namespace {

using installers::StepProgress;
using State = StepProgress::State;

StepProgress step(std::size_t index, std::size_t total, State state, int ms = 0,
                  std::string detail = {}) {
  return {index,
          total,
          "wireguard",
          "WireGuard mesh",
          state,
          std::chrono::milliseconds(ms),
          std::move(detail)};
}

}  // namespace

TEST_CASE("programs read one line an event") {
  CHECK(format_progress(step(3, 14, State::done, 412)) ==
        "step=03/14 name=wireguard state=done ms=412");
  CHECK(format_progress(step(3, 9, State::started)) ==
        "step=3/9 name=wireguard state=started ms=0");
  CHECK(format_progress(step(14, 14, State::unchanged, 1)) ==
        "step=14/14 name=wireguard state=unchanged ms=1");
  CHECK(format_progress(step(9, 14, State::failed, 30000, "port \"443\"\nis taken")) ==
        "step=09/14 name=wireguard state=failed ms=30000 detail=\"port \\\"443\\\"\\nis taken\"");
  CHECK(format_progress(step(10, 14, State::skipped)) ==
        "step=10/14 name=wireguard state=skipped ms=0");
}

TEST_CASE("elapsed time for people") {
  using std::chrono::milliseconds;
  CHECK(format_elapsed(milliseconds(0)) == "0 ms");
  CHECK(format_elapsed(milliseconds(999)) == "999 ms");
  CHECK(format_elapsed(milliseconds(1000)) == "1.0 s");
  CHECK(format_elapsed(milliseconds(59999)) == "59.9 s");
  CHECK(format_elapsed(milliseconds(125000)) == "2 min 5 s");
}

TEST_CASE("a pipe gets a line when a step begins and when it ends, none for each change") {
  std::ostringstream out, err;
  Output output(out, err, {});
  Progress progress(output);
  progress(step(1, 2, State::started));
  progress(step(1, 2, State::working, 0, "file:/etc/orama/orama.yaml"));
  progress(step(1, 2, State::done, 7));
  CHECK(err.str() ==
        "step=1/2 name=wireguard state=started ms=0\nstep=1/2 name=wireguard state=done ms=7\n");
  CHECK(out.str().empty());
}

TEST_CASE("a terminal gets a live line that the finished step replaces") {
  std::ostringstream out, err;
  Output output(out, err, {.err = Output::Stream::terminal});
  Progress progress(output);
  progress(step(1, 2, State::started));
  CHECK(err.str() == "  1/2  WireGuard mesh …");
  progress(step(1, 2, State::working, 0, "unit:orama-agent.service"));
  CHECK(err.str().ends_with("\r\x1b[K  1/2  WireGuard mesh: unit:orama-agent.service …"));
  progress(step(1, 2, State::done, 412));
  CHECK(err.str().ends_with("\r\x1b[K  done       WireGuard mesh                412 ms\n"));
}

}  // namespace orama::cli
