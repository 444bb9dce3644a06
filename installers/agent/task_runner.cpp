#include "installers/agent/task_runner.h"

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/log.h"
#include "installers/agent/periodic_task.h"

namespace orama::installers {
namespace {

constexpr std::chrono::milliseconds kNap{100};

}  // namespace

TaskRunner::TaskRunner(Clock& clock, const Log& log, std::vector<PeriodicTask> tasks)
    : clock_(clock), log_(log) {
  for (PeriodicTask& task : tasks) {
    entries_.push_back(Entry{std::move(task), clock_.steady_now()});
  }
  thread_ = std::thread([this] { run(); });
}

TaskRunner::~TaskRunner() {
  stop_ = true;
  thread_.join();
}

void TaskRunner::run_soon(std::string_view name) {
  const std::lock_guard lock(mutex_);
  for (Entry& entry : entries_) {
    if (entry.task.name == name) {
      entry.due = clock_.steady_now();
    }
  }
}

TaskRunner::Entry* TaskRunner::next_due() {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady_now();
  for (Entry& entry : entries_) {
    if (entry.due <= now) {
      entry.due = now + (entry.task.interval_now ? entry.task.interval_now() : entry.task.interval);
      return &entry;
    }
  }
  return nullptr;
}

void TaskRunner::run() {
  while (!stop_) {
    if (Entry* entry = next_due()) {
      run_one(*entry);
    } else {
      clock_.sleep_for(kNap);
    }
  }
}

void TaskRunner::run_one(Entry& entry) {
  const auto done = entry.task.run();
  const std::string failure = done.ok() ? std::string() : done.error().full_message();
  if (failure == entry.failure) {
    return;
  }
  if (failure.empty()) {
    log_.info("a task of the agent succeeds again", {{"task", entry.task.name}});
  } else {
    log_.warn("a task of the agent failed", {{"task", entry.task.name}, {"reason", failure}});
  }
  entry.failure = failure;
}

}  // namespace orama::installers
