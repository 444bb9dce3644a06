// The own state (leader, voters, size) of the registry's engine, or of a database's, asked for
// every every 5 s in the background, every second while a voter or the leader is missing, and kept
// for status. Runs on one io_context; read from any thread.
#pragma once

#include <chrono>
#include <memory>

#include "common/log.h"
#include "common/result.h"
#include "common/snapshot.h"
#include "gateway/backends/pause.h"
#include "gateway/backends/registry.h"

namespace orama::gateway::cluster {

// How long after that state the next look is due.
std::chrono::milliseconds next_look(const backends::RegistryState& state,
                                    std::chrono::milliseconds interval);

class RegistryWatch {
 public:
  RegistryWatch(asio::io_context& context, backends::Registry& registry, const Log& log,
                std::chrono::milliseconds interval = std::chrono::seconds(5));
  RegistryWatch(const RegistryWatch&) = delete;
  RegistryWatch& operator=(const RegistryWatch&) = delete;

  void start();
  void poke() { pause_.cut(); }  // look now, from any thread

  // While the engine does not answer: no leader, no voter up, sizes as last seen.
  std::shared_ptr<const backends::RegistryState> state() const { return state_.get(); }

 private:
  Awaitable<void> run();
  Awaitable<Result<backends::RegistryState>> look();

  asio::io_context& context_;
  backends::Registry& registry_;
  Log log_;
  std::chrono::milliseconds interval_;
  backends::Pause pause_;
  Snapshot<backends::RegistryState> state_;
};

}  // namespace orama::gateway::cluster
