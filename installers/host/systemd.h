// The service manager as the installers use it: systemd over systemctl, or what stands in for it on
// a development node (dev/unit_control.h). Unit names are ours and fixed, never foreign text.
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
  virtual ~Systemd() = default;

  Result<UnitState> state(const std::string& unit);
  virtual Result<std::vector<UnitState>> states(const std::vector<std::string>& units) = 0;
  virtual Result<void> daemon_reload() = 0;
  virtual Result<void> start(
      const std::string& unit) = 0;  // waits; the error has the unit's last log lines
  virtual Result<void> stop(const std::string& unit) = 0;
  virtual Result<void> restart(const std::string& unit) = 0;
  virtual Result<void> reload(const std::string& unit) = 0;
  virtual Result<void> enable(const std::string& unit) = 0;
  virtual Result<void> disable(const std::string& unit) = 0;
  virtual Result<void> reset_failed(const std::string& unit) = 0;
};

class Systemctl final : public Systemd {
 public:
  explicit Systemctl(CommandRunner& runner) : runner_(runner) {}

  Result<std::vector<UnitState>> states(
      const std::vector<std::string>& units) override;  // one systemctl show
  Result<void> daemon_reload() override;
  Result<void> start(const std::string& unit) override;
  Result<void> stop(const std::string& unit) override;
  Result<void> restart(const std::string& unit) override;
  Result<void> reload(const std::string& unit) override;
  Result<void> enable(const std::string& unit) override;
  Result<void> disable(const std::string& unit) override;
  Result<void> reset_failed(const std::string& unit) override;

 private:
  CommandRunner& runner_;
};

}  // namespace orama::installers
