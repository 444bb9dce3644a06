// What this node's agent last reported (Actual, http-api.md 20): kept in memory only, with its age.
// Safe from any thread.
#pragma once

#include <optional>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/snapshot.h"

namespace orama::gateway::cluster {

class NodeReport {
 public:
  struct Received {
    api::Actual actual;
    WallTime at;
    SteadyTime at_steady;
  };

  explicit NodeReport(const Clock& clock) : clock_(clock) {}
  void receive(api::Actual actual) {
    Received received{std::move(actual), clock_.wall_now(), clock_.steady_now()};
    last_.set(std::optional<Received>(std::move(received)));
  }
  std::optional<Received> last() const { return *last_.get(); }

 private:
  const Clock& clock_;
  Snapshot<std::optional<Received>> last_;
};

}  // namespace orama::gateway::cluster
