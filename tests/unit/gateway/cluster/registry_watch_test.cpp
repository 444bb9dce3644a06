#include "gateway/cluster/registry_watch.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/log.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

// An engine of three voters; each look finds as many of them up as comes next, the last for ever;
// none: it does not answer.
class ThreeVoters final : public backends::Registry {
 public:
  explicit ThreeVoters(std::vector<int> up) : up_(std::move(up)) {}
  std::size_t looks = 0;

  std::string_view engine() const override { return "rqlite"; }
  Awaitable<Result<backends::Rows>> query(backends::Statement, backends::Consistency) override {
    co_return backends::Rows{};
  }
  Awaitable<Result<std::vector<std::int64_t>>> execute(std::vector<backends::Statement>) override {
    co_return std::vector<std::int64_t>{};
  }
  Awaitable<Result<void>> ping() override { co_return Result<void>(); }
  Awaitable<Result<backends::RegistryState>> state() override {
    backends::RegistryState state;
    state.leader_id = "node_a";
    state.voters = 3;
    state.voters_up = up_[std::min(looks++, up_.size() - 1)];
    if (state.voters_up == 0) {
      co_return make_error(Errc::timeout, "no answer");
    }
    co_return state;
  }

 private:
  std::vector<int> up_;
};

std::int64_t seen_up(ThreeVoters& registry) {
  asio::io_context context;
  RegistryWatch watch(context, registry, Log::discard(), std::chrono::hours(1));
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
