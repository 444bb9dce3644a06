// This node's own way out of its cluster (http-api.md 20, adminLeave): its row is `leaving` first,
// which makes readiness say no and others the registry's voters; its vote goes, and with it the
// leadership; requests that run are let end; then its row is `removed`. Each part may be repeated:
// what was begun goes on. Runs on any io_context; holds references that outlive it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/registry_watch.h"

namespace orama::gateway::cluster {

class Leave {
 public:
  struct Parts {
    backends::Registry& registry;
    Membership& membership;
    RegistryWatch& watch;
    const Clock& clock;
    Log log;
    std::string own_id;
    std::function<std::int64_t()> public_requests;  // that run now
    std::chrono::milliseconds drain_within{5000};
    std::chrono::milliseconds hand_over_within{7000};  // adminLeave itself may take 10 s
    RegistryWatch* database = nullptr;                 // null: there is none here
  };
  explicit Leave(Parts parts) : parts_(std::move(parts)) {}

  // timeout: the vote was not handed over in time; the node stays `leaving`, and the same call goes
  // on. Errors of the registry else.
  Awaitable<Result<void>> run();

 private:
  Awaitable<Result<void>> hand_over(RegistryWatch* watch, std::string what, SteadyTime began);
  Awaitable<void> drain(SteadyTime began);
  bool votes(const RegistryWatch& watch) const;

  Parts parts_;
};

}  // namespace orama::gateway::cluster
