#include "installers/agent/task_runner.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>

#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using orama::Result;

namespace {

template <class Condition>
bool eventually(Condition condition) {
  orama::SystemClock clock;
  const auto deadline = clock.steady_now() + std::chrono::seconds(20);
  while (clock.steady_now() < deadline) {
    if (condition()) {
      return true;
    }
    clock.sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

}  // namespace

TEST_CASE("tasks run at once and again after their interval; one that fails stops nothing") {
  orama::SystemClock clock;
  std::atomic<int> often{0}, rarely{0}, failing{0};
  {
    TaskRunner runner(clock, orama::Log::discard(),
                      {{"often",
                        [&]() -> Result<void> {
                          ++often;
                          return {};
                        },
                        std::chrono::milliseconds(1)},
                       {"rarely",
                        [&]() -> Result<void> {
                          ++rarely;
                          return {};
                        },
                        std::chrono::hours(1)},
                       {"failing",
                        [&]() -> Result<void> {
                          ++failing;
                          return orama::make_error(orama::Errc::failed, "no");
                        },
                        std::chrono::milliseconds(1)}});
    REQUIRE(eventually([&] { return often > 2 && failing > 0 && rarely > 0; }));
    CHECK(rarely == 1);
    runner.run_soon("rarely");
    CHECK(eventually([&] { return rarely == 2; }));
  }
  const int after = often;
  clock.sleep_for(std::chrono::milliseconds(20));
  CHECK(often == after);  // nothing runs once it is gone
}

TEST_CASE("an interval that is asked for each time counts, not the fixed one") {
  orama::SystemClock clock;
  std::atomic<int> runs{0};
  TaskRunner runner(clock, orama::Log::discard(),
                    {{"eager",
                      [&]() -> Result<void> {
                        ++runs;
                        return {};
                      },
                      std::chrono::hours(1), [] { return std::chrono::milliseconds(1); }}});
  CHECK(eventually([&] { return runs > 2; }));
}
