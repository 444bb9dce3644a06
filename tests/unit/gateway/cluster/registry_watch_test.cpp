#include "gateway/cluster/registry_watch.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/log.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "tests/support/state_registry.h"

namespace orama::gateway::cluster {
namespace {

// An engine of three voters; each look finds as many of them up as comes next, the last for ever;
// none: it does not answer.
struct ThreeVoters {
  std::vector<int> up;
  std::size_t looks = 0;
  tests::StateRegistry registry{[this] { return next(); }};

  explicit ThreeVoters(std::vector<int> its_up) : up(std::move(its_up)) {}
  Result<backends::RegistryState> next() {
    backends::RegistryState state;
    state.leader_id = "node_a";
    state.voters = 3;
    state.voters_up = up[std::min(looks++, up.size() - 1)];
    return state.voters_up == 0
               ? Result<backends::RegistryState>(make_error(Errc::timeout, "no answer"))
               : state;
  }
};

std::int64_t seen_up(ThreeVoters& engine) {
  asio::io_context context;
  RegistryWatch watch(context, engine.registry, Log::discard(), std::chrono::hours(1));
  watch.start();
  while (watch.state()->voters == 0 && context.run_one() > 0) {
  }
  return watch.state()->voters_up;
}

}  // namespace

TEST_CASE("a voter that is out of reach in one answer only is up") {
  ThreeVoters all({3});
  CHECK(seen_up(all) == 3);
  CHECK(all.looks == 1);
  ThreeVoters once({2, 3});
  CHECK(seen_up(once) == 3);
  ThreeVoters busy({0, 3});
  CHECK(seen_up(busy) == 3);
  ThreeVoters lost({2});
  CHECK(seen_up(lost) == 2);
  CHECK(lost.looks == 2);
}

TEST_CASE("while a voter or the leader is missing the next look comes sooner") {
  using std::chrono::seconds;
  backends::RegistryState state;
  state.leader_id = "node_a";
  state.voters = state.voters_up = 3;
  CHECK(next_look(state, seconds(5)) == seconds(5));
  state.voters_up = 2;
  CHECK(next_look(state, seconds(5)) == seconds(1));
  state.voters_up = 3;
  state.leader_id.clear();
  CHECK(next_look(state, seconds(5)) == seconds(1));
}

}  // namespace orama::gateway::cluster
