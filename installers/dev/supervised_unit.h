// One unit of one development node and its process: started, watched, started again, stopped, as
// its unit file says (systemd.service(5)). A state machine that its supervisor drives: orders in,
// what happened to the process in, tick() for what time decides. Blocks nowhere. One thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "common/clock.h"
#include "common/result.h"
#include "installers/dev/child_process.h"
#include "installers/dev/descriptor.h"
#include "installers/dev/node_root.h"
#include "installers/dev/unit_file.h"
#include "installers/dev/unit_log.h"
#include "installers/dev/unit_start.h"
#include "installers/host/systemd.h"

namespace orama::installers {

class SupervisedUnit {
 public:
  // `notify_path`: a short path for the unit's notification socket.
  SupervisedUnit(const NodeRoot& root, std::string name, Clock& clock, std::string notify_path);

  const std::string& name() const { return name_; }

  // Orders. start() and restart() end with outcome(); stop() when it is_idle().
  void start();
  void stop();
  void restart();
  // As a power cut would: gone at once, not started again.
  void kill();

  // Events.
  void child_ended(int wait_status);
  void read_executed();
  void read_notification();
  void read_log() { log_.drain(); }
  // What is due: a queued start, a deadline, the next try. `may_begin`: what it comes after is
  // settled.
  void tick(bool may_begin);

  // Descriptors to wait for; -1 none.
  int executed_fd() const { return child_.executed.get(); }
  int notify_fd() const { return notify_.get(); }
  int log_fd() const { return log_.read_end(); }
  std::optional<SteadyTime> deadline() const { return deadline_; }

  pid_t pid() const { return child_.pid; }
  bool is_idle() const { return phase_ == Phase::inactive || phase_ == Phase::failed; }
  // On its way up, so that what comes after it waits.
  bool is_starting() const;
  const UnitFile& file() const { return file_; }
  // Of the last start; nothing while it goes on.
  const std::optional<Result<void>>& outcome() const { return outcome_; }
  UnitState state() const;
  int restarts() const { return restarts_; }
  const std::string& status() const { return status_; }

 private:
  enum class Phase { inactive, failed, queued, before, starting, running, stopping, resting };

  void enter(Phase phase);
  void queue();
  Result<void> load();
  void begin();
  void run_next();
  Result<void> spawn(const UnitCommand& command);
  void became_ready();
  void ended(bool well, const std::string& result);
  void start_failed(const std::string& what);
  void settle(Result<void> outcome);
  void forget_child();
  std::string record_path() const;
  Result<void> open_notify();

  const NodeRoot& root_;
  const std::string name_, notify_path_;
  Clock& clock_;
  UnitLog log_;
  UnitStart start_;
  UnitFile file_;
  Phase phase_ = Phase::inactive;
  std::size_t next_before_ = 0;
  Child child_;
  Descriptor notify_;
  std::optional<SteadyTime> deadline_;
  Result<void> loaded_well_;
  std::optional<Result<void>> outcome_;
  std::string result_ = "success", status_, since_;
  bool wanted_ = false, again_ = false, loaded_ = false;
  int restarts_ = 0;
};

}  // namespace orama::installers
