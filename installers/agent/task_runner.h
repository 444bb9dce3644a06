// Runs the agent's periodic tasks one after another on a thread of its own, so that one that hangs
// delays neither the interface nor the watchdog. A failure is logged when it begins and when it
// ends, not each time.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/clock.h"
#include "common/log.h"
#include "installers/agent/periodic_task.h"

namespace orama::installers {

class TaskRunner {
 public:
  TaskRunner(Clock& clock, const Log& log, std::vector<PeriodicTask> tasks);
  ~TaskRunner();  // lets the task that runs end
  TaskRunner(const TaskRunner&) = delete;
  TaskRunner& operator=(const TaskRunner&) = delete;

  void run_soon(std::string_view name);

 private:
  struct Entry {
    PeriodicTask task;
    SteadyTime due{};       // guarded by mutex_
    std::string failure{};  // the thread's own
  };

  void run();
  Entry* next_due();
  void run_one(Entry& entry);

  Clock& clock_;
  const Log log_;
  std::mutex mutex_;
  std::vector<Entry> entries_;  // fixed after the constructor
  std::atomic<bool> stop_{false};
  std::thread thread_;  // last: starts when all else is there
};

}  // namespace orama::installers
