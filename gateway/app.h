// The gateway's life: builds its services (services.h, the composition root), runs until SIGTERM or
// SIGINT, and takes everything down in the reverse order.
#pragma once

#include <memory>
#include <optional>

#include <csignal>

#include "common/api/cluster.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/config.h"

namespace orama::gateway {

class Services;

class App {
 public:
  struct Options {
    Config config;
    Log log;
    std::optional<api::ClusterCreate> founding;  // found this cluster if there is none (--dev)
  };

  // Needs neither the registry nor the mesh address to be there.
  static Result<std::unique_ptr<App>> build(Options options);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // SIGTERM, SIGINT, SIGHUP: block them before build(), which starts threads; run() waits for them.
  static sigset_t signals();

  // Serves, tells systemd, and returns after a drain.
  Result<void> run();

 private:
  App(std::unique_ptr<Services> services, std::optional<api::ClusterCreate> founding);
  void supervise();
  void stop();

  std::unique_ptr<Services> services_;
  std::optional<api::ClusterCreate> founding_;
};

}  // namespace orama::gateway
