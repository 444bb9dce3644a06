// systemd as the installers use it, over systemctl. Unit names are ours and fixed, never foreign
// text.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::installers {

struct UnitState {
  std::string name;
  std::string load;     // loaded, not-found, masked
  std::string active;   // active, inactive, failed, activating, …
  std::string sub;      // running, dead, …
  std::string enabled;  // enabled, disabled, static, …; "" unknown
  std::string result;   // success, exit-code, condition, …
  std::string since;    // RFC 3339 of the last state change, "" if never
  int main_pid = 0;
  bool is_active() const { return active == "active"; }
  bool is_enabled() const { return enabled == "enabled"; }
};

class Systemd {
 public:
  explicit Systemd(CommandRunner& runner) : runner_(runner) {}

  Result<UnitState> state(const std::string& unit);
  Result<std::vector<UnitState>> states(
      const std::vector<std::string>& units);  // one systemctl show
  Result<void> daemon_reload();
  Result<void> start(const std::string& unit);  // waits; the error has the unit's last log lines
  Result<void> stop(const std::string& unit);
  Result<void> restart(const std::string& unit);
  Result<void> reload(const std::string& unit);
  Result<void> enable(const std::string& unit);
  Result<void> disable(const std::string& unit);
  Result<void> reset_failed(const std::string& unit);

 private:
  CommandRunner& runner_;
};

}  // namespace orama::installers
