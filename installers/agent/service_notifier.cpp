#include "installers/agent/service_notifier.h"

#include <string>

#include <systemd/sd-daemon.h>

namespace orama::installers {
namespace {

// Fails only where no service manager listens, which is no failure of ours.
void notify(const std::string& state) {
  static_cast<void>(sd_notify(0, state.c_str()));
}

}  // namespace

void SystemdNotifier::ready(const std::string& status) {
  notify("READY=1\nSTATUS=" + status);
}
void SystemdNotifier::status(const std::string& status) {
  notify("STATUS=" + status);
}
void SystemdNotifier::alive() {
  notify("WATCHDOG=1");
}
void SystemdNotifier::stopping() {
  notify("STOPPING=1");
}

}  // namespace orama::installers
