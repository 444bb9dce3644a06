// What systemd is told (sd_notify(3)): ready, stopping, a line of status, and that the threads are
// alive. All are no-ops outside of a unit. Used by the main thread only.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace orama::gateway {

class ServiceNotify {
 public:
  ServiceNotify();  // reads WATCHDOG_USEC

  void ready(const std::string& status);
  void status(const std::string& status);  // sends only when the text changed
  void stopping();
  // Absent: no watchdog. Else alive() is due within this time.
  std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }
  void alive();

 private:
  std::optional<std::chrono::microseconds> watchdog_;
  std::string last_status_;
};

}  // namespace orama::gateway
