#include "gateway/health/probes.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <ratio>
#include <string>
#include <utility>
#include <vector>

#include "common/api/status.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/backends/pause.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::health {

std::string probe_reason(Errc code) {
  switch (code) {
    case Errc::unreachable:
      return "refused";
    case Errc::timeout:
      return "timeout";
    case Errc::quorum_refused:
    case Errc::pending:
    case Errc::not_found:
      return "not_ready";
    case Errc::failed:
    case Errc::invalid_argument:
    case Errc::not_allowed:
    case Errc::conflict:
    case Errc::preflight_failed:
    case Errc::locked:
    case Errc::needs_root:
    case Errc::interrupted:
    case Errc::too_large:
      return "error";
  }
  return "error";
}

Probes::Probes(asio::io_context& context, const Clock& clock, std::vector<Probe> probes,
               const Log& log, std::chrono::milliseconds interval)
    : context_(context),
      clock_(clock),
      probes_(std::move(probes)),
      log_(log.named("health")),
      interval_(interval) {
  api::Checks checks;
  for (const Probe& probe : probes_) {
    api::Check check;
    check.engine = probe.engine;
    check.counted = probe.counting == Counting::counted;
    check.checked_at = check.since = format_rfc3339(clock_.wall_now());
    if (probe.look) {
      check.reason = "not_ready";  // until the first look, milliseconds after the start
    } else {
      check.status = "disabled";
    }
    checks.emplace(probe.name, std::move(check));
    pauses_.push_back(std::make_unique<backends::Pause>(context));
  }
  checks_.set(std::move(checks));
}

void Probes::start() {
  for (std::size_t i = 0; i < probes_.size(); ++i) {
    if (probes_[i].look) {
      spawn(context_, "probe " + probes_[i].name, run(i), log_);
    }
  }
}

void Probes::poke() {
  for (const auto& pause : pauses_) {
    pause->cut();
  }
}

Awaitable<void> Probes::run(std::size_t index) {
  for (;;) {
    const SteadyTime before = clock_.steady_now();
    const Result<void> outcome = co_await probes_[index].look();
    record(probes_[index], outcome, clock_.steady_now() - before);
    co_await pauses_[index]->wait(interval_);
  }
}

void Probes::record(const Probe& probe, const Result<void>& outcome,
                    std::chrono::nanoseconds took) {
  api::Checks checks = *checks_.get();
  api::Check& check = checks[probe.name];
  const bool was_up = check.status == "up";
  check.status = outcome.ok() ? "up" : "down";
  check.checked_at = format_rfc3339(clock_.wall_now());
  if (outcome.ok() != was_up) {
    check.since = check.checked_at;
  }
  check.trouble = outcome.ok() ? std::string() : outcome.error().full_message();
  check.latency_ms.reset();
  check.reason.reset();
  if (outcome.ok()) {
    check.latency_ms = std::chrono::duration<double, std::milli>(took).count();
  } else {
    check.reason = probe_reason(outcome.error().code);
  }
  checks_.set(std::move(checks));
  if (outcome.ok() && !was_up) {
    log_.info("up", {{"check", probe.name}});
  } else if (!outcome.ok() && was_up) {
    log_.warn("down", {{"check", probe.name}, {"reason", outcome.error().full_message()}});
  }
}

}  // namespace orama::gateway::health
