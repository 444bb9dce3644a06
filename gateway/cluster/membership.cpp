#include "gateway/cluster/membership.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/membership_rows.h"
#include "gateway/cluster/migrations.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

using backends::Consistency;

}  // namespace

const NodeRow* MembershipState::find(const std::string& id) const {
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&id](const NodeRow& node) { return node.id == id; });
  return found == nodes.end() ? nullptr : &*found;
}

Membership::Membership(asio::io_context& context, backends::Registry& registry, const Clock& clock,
                       const Log& log, Options options)
    : context_(context),
      registry_(registry),
      clock_(clock),
      log_(log.named("membership")),
      options_(options),
      pause_(context) {
  Touch touch;
  touch.last_good = clock.steady_now();
  touch.trouble = "the registry was not read yet";
  touch_.set(std::move(touch));
}

void Membership::announce() {
  poke();
  if (tell_others_) {
    tell_others_();
  }
}

void Membership::start() {
  spawn(context_, "membership", run(), log_);
}

std::chrono::duration<double> Membership::staleness() const {
  const std::chrono::duration<double> age = clock_.steady_now() - touch_.get()->last_good;
  return age;
}

Awaitable<void> Membership::run() {
  for (;;) {
    const Result<void> outcome = co_await look();
    settle(outcome);
    co_await pause_.wait(options_.interval);
  }
}

Awaitable<Result<void>> Membership::look() {
  if (!touch_.get()->migrated) {
    CO_TRY(applied, co_await migrate(&registry_, embedded_migrations()));
    if (applied > 0) {
      log_.info("registry migrated", {{"applied", std::to_string(applied)}});
    }
    Touch touch = *touch_.get();
    touch.migrated = true;
    touch_.set(std::move(touch));
    loaded_ = false;
  }
  if (!loaded_) {
    co_return co_await load(Consistency::linearizable);
  }
  co_return co_await follow();
}

Awaitable<Result<void>> Membership::follow() {
  const std::int64_t last = state_.get()->last_seq;
  auto statement = changes_statement(last);
  CO_TRY(rows, co_await registry_.query(std::move(statement), Consistency::weak));
  CO_TRY(seen, read_changes(rows));
  if (seen.newest < last) {
    // Older than what we know: the registry was replaced, or a deposed leader answered.
    co_return co_await load(Consistency::linearizable);
  }
  if (seen.count > 0 || last < seen.first - 1) {
    co_return co_await load(Consistency::weak);
  }
  co_return Result<void>();
}

Awaitable<Result<void>> Membership::load(Consistency consistency) {
  auto statement = load_statement();
  CO_TRY(rows, co_await registry_.query(std::move(statement), consistency));
  CO_TRY(state, read_membership(rows));
  log_.debug("membership loaded", {{"version", std::to_string(state.version)},
                                   {"nodes", std::to_string(state.nodes.size())}});
  state_.set(std::move(state));
  loaded_ = true;
  if (changed_) {
    changed_();
  }
  co_return Result<void>();
}

void Membership::settle(const Result<void>& outcome) {
  Touch touch = *touch_.get();
  const bool was_in_touch = touch.in_touch;
  touch.in_touch = outcome.ok();
  if (outcome.ok()) {
    touch.last_good = clock_.steady_now();
    touch.trouble.clear();
  } else {
    touch.trouble = outcome.error().full_message();
    // The engine answers but does not know our tables: it was replaced by an empty one.
    touch.migrated = touch.migrated && outcome.error().code != Errc::failed;
  }
  const std::string trouble = touch.trouble;
  const std::string before = touch_.get()->trouble;
  touch_.set(std::move(touch));
  if (!outcome.ok() && trouble != before) {
    log_.warn("out of touch with the registry", {{"reason", trouble}});
  }
  if (outcome.ok() != was_in_touch) {
    if (outcome.ok()) {
      log_.info("in touch with the registry");
    }
    if (changed_) {
      changed_();
    }
  }
}

}  // namespace orama::gateway::cluster
