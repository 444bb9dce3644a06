// A registry that holds nothing and says of its voters what a test has it say.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/http/awaitable.h"

namespace orama::tests {

class StateRegistry final : public gateway::backends::Registry {
 public:
  using State = std::function<Result<gateway::backends::RegistryState>()>;
  explicit StateRegistry(State state) : state_(std::move(state)) {}

  std::string_view engine() const override { return "rqlite"; }
  gateway::Awaitable<Result<gateway::backends::Rows>> query(
      gateway::backends::Statement, gateway::backends::Consistency) override {
    co_return gateway::backends::Rows{};
  }
  gateway::Awaitable<Result<std::vector<std::int64_t>>> execute(
      std::vector<gateway::backends::Statement>) override {
    co_return std::vector<std::int64_t>{};
  }
  gateway::Awaitable<Result<void>> ping() override { co_return Result<void>(); }
  gateway::Awaitable<Result<gateway::backends::RegistryState>> state() override {
    co_return state_();
  }

 private:
  State state_;
};

}  // namespace orama::tests
