// The change kind "wait": changes nothing, so the receipt has no entry of it.
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"

namespace orama::installers {
namespace {

constexpr std::chrono::milliseconds kPollInterval{100};

class WaitChange final : public Change {
 public:
  explicit WaitChange(Condition condition) : condition_(std::move(condition)) {}

  std::string_view kind() const override { return "wait"; }
  std::string target() const override { return condition_.what; }

  // An error says only that it is not so yet: what is waited for may not exist before its turn.
  Result<bool> converged(ChangeContext& context) override {
    const auto ready = condition_.ready(context.host);
    return ready.ok() && *ready;
  }

  Result<std::string> describe(ChangeContext& /*context*/) override {
    return "wait until " + condition_.what;
  }

  Result<nlohmann::json> prior(ChangeContext& /*context*/) override { return nlohmann::json(); }
  nlohmann::json wanted() const override { return nullptr; }

  Result<void> apply(ChangeContext& context) override {
    Clock& clock = context.host.clock;
    const SteadyTime deadline = clock.steady_now() + condition_.timeout;
    while (true) {
      const auto ready = condition_.ready(context.host);
      if (ready.ok() && *ready) {
        return {};
      }
      if (context.interrupted != nullptr && context.interrupted->load()) {
        return make_error(Errc::interrupted, "interrupted while waiting until " + condition_.what);
      }
      if (clock.steady_now() >= deadline) {
        return make_error(Errc::timeout,
                          "waited " + std::to_string(condition_.timeout.count() / 1000) +
                              " s until " + condition_.what +
                              (ready.ok() ? ", in vain" : ": " + ready.error().full_message()),
                          condition_.hint);
      }
      clock.sleep_for(kPollInterval);
    }
  }

 private:
  Condition condition_;
};

}  // namespace

std::unique_ptr<Change> wait_until(Condition condition) {
  return std::make_unique<WaitChange>(std::move(condition));
}

}  // namespace orama::installers
