// sd_notify behind a seam. Without a service manager (a terminal, a test) it does nothing.
#pragma once

#include <string>

namespace orama::installers {

class ServiceNotifier {
 public:
  virtual ~ServiceNotifier() = default;
  virtual void ready(
      const std::string& status) = 0;  // READY=1 and the line that systemctl status shows
  virtual void status(const std::string& status) = 0;
  virtual void alive() = 0;  // WATCHDOG=1
  virtual void stopping() = 0;
};

class SystemdNotifier final : public ServiceNotifier {
 public:
  void ready(const std::string& status) override;
  void status(const std::string& status) override;
  void alive() override;
  void stopping() override;
};

}  // namespace orama::installers
