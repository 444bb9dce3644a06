#include "gateway/app.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/api/cluster.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/backends/pause.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/cluster_create.h"
#include "gateway/cluster/membership.h"
#include "gateway/http/awaitable.h"
#include "gateway/services.h"
#include "gateway/sockets.h"
#include "gateway/wiring.h"

namespace orama::gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds kTick = 1s;  // how often status and threads are looked at

// Parameters by value: they live in the coroutine's frame.
Awaitable<void> found_cluster(asio::io_context* context, backends::Registry* registry,
                              cluster::Membership* membership, const Clock* clock,
                              api::ClusterCreate request, Log log) {
  backends::Pause pause(*context);
  while (!membership->touch()->migrated) {
    co_await pause.wait(20ms);
  }
  auto founding = co_await cluster::create_cluster(registry, request, clock->wall_now());
  if (!founding.ok()) {
    log.error("the development cluster was not founded", founding.error());
    co_return;
  }
  membership->poke();
}

}  // namespace

App::App(std::unique_ptr<Services> services, std::optional<api::ClusterCreate> founding)
    : services_(std::move(services)), founding_(std::move(founding)) {}
App::~App() = default;

sigset_t App::signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&set, signal);
  }
  return set;
}

Result<std::unique_ptr<App>> App::build(Options options) {
  TRY(access_log, open_access_log(options.config, options.log));
  auto services = std::make_unique<Services>(std::move(options.config), std::move(options.log),
                                             std::move(access_log));
  return std::unique_ptr<App>(new App(std::move(services), std::move(options.founding)));
}

Result<void> App::run() {
  Services& s = *services_;
  TRY(activated, activated_sockets());
  ServiceSockets sockets = std::move(activated);
  if (sockets.empty()) {
    TRY(opened, open_sockets(s.config, s.workers.count()));
    sockets = std::move(opened);
  }
  TRY_VOID(s.server.listen(sockets.http));
  if (s.links) {
    TRY_VOID(s.links->listen(sockets.links));
  }
  s.start_background();
  if (founding_) {
    asio::io_context& context = s.workers.context(0);
    spawn(context, "found the cluster",
          found_cluster(&context, &s.registry, &s.membership, &s.clock, *founding_, s.log), s.log);
  }
  s.workers.start();
  s.notify.ready(s.status_line());
  s.log.info("serving", {{"sockets", std::to_string(sockets.http.size() + sockets.links.size())},
                         {"threads", std::to_string(s.workers.count())}});
  supervise();
  stop();
  return {};
}

void App::supervise() {
  Services& s = *services_;
  std::chrono::nanoseconds tick = kTick;
  if (const auto watchdog = s.notify.watchdog()) {
    tick = std::min(tick, std::chrono::nanoseconds(*watchdog) / 4);
  }
  const timespec wait{static_cast<std::time_t>(tick / 1s), static_cast<long>((tick % 1s).count())};
  const sigset_t set = signals();
  for (;;) {
    const int signal = sigtimedwait(&set, nullptr, &wait);
    if (signal == SIGHUP) {
      s.access_log->reopen();
    } else if (signal > 0) {
      s.log.info("stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
      return;
    }
    if (s.heartbeat.beat()) {
      s.notify.alive();
    } else {
      s.log.error("an io thread does not answer; no ping for the watchdog");
    }
    s.notify.status(s.status_line());
  }
}

void App::stop() {
  Services& s = *services_;
  s.notify.stopping();
  s.health_parts.shutting_down.store(true);
  if (s.links) {
    asio::post(s.workers.context(0), [&s] { s.links->stop(); });
  }
  s.desired.close();  // the agent's long poll ends now, not at the drain's deadline
  s.server.drain(s.config.drain_within);
  s.workers.stop();
  if (s.links) {
    s.links->stop();  // where the post did not come to run
  }
  s.files.stop();
  s.log.info("stopped");
  s.log.flush();
}

}  // namespace orama::gateway
