// A registry in front of a real one that a test takes away and gives back. Safe from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/backends/registry.h"

namespace orama::tests {

class FailingRegistry final : public gateway::backends::Registry {
 public:
  explicit FailingRegistry(gateway::backends::Registry& behind) : behind_(behind) {}

  void go(Errc code) { error_.store(static_cast<int>(code)); }
  void refuse_writes(Errc code) { write_error_.store(static_cast<int>(code)); }
  void come_back() {
    error_.store(kUp);
    write_error_.store(kUp);
  }
  int linearizable_reads() const { return linearizable_reads_.load(); }

  std::string_view engine() const override { return behind_.engine(); }
  gateway::Awaitable<Result<gateway::backends::Rows>> query(
      gateway::backends::Statement statement, gateway::backends::Consistency consistency) override {
    if (error_.load() != kUp) {
      co_return gone();
    }
    linearizable_reads_ += consistency == gateway::backends::Consistency::linearizable ? 1 : 0;
    co_return co_await behind_.query(std::move(statement), consistency);
  }
  gateway::Awaitable<Result<std::vector<std::int64_t>>> execute(
      std::vector<gateway::backends::Statement> statements) override {
    if (error_.load() != kUp) {
      co_return gone();
    }
    if (write_error_.load() != kUp) {
      co_return make_error(static_cast<Errc>(write_error_.load()), "the test refuses writes");
    }
    co_return co_await behind_.execute(std::move(statements));
  }
  gateway::Awaitable<Result<void>> ping() override {
    if (error_.load() != kUp) {
      co_return Result<void>(gone());
    }
    co_return co_await behind_.ping();
  }
  gateway::Awaitable<Result<gateway::backends::RegistryState>> state() override {
    if (error_.load() != kUp) {
      co_return gone();
    }
    co_return co_await behind_.state();
  }

 private:
  static constexpr int kUp = -1;
  Error gone() const {
    return make_error(static_cast<Errc>(error_.load()), "the test took it away");
  }

  gateway::backends::Registry& behind_;
  std::atomic<int> error_{kUp};
  std::atomic<int> write_error_{kUp};
  std::atomic<int> linearizable_reads_{0};
};

}  // namespace orama::tests
