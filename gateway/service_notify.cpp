#include "gateway/service_notify.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include <systemd/sd-daemon.h>

namespace orama::gateway {
namespace {

// sd_notify's text is line-based.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// A failure to notify has no other listener: systemd itself acts when it misses the message.
void send(const std::string& text) {
  static_cast<void>(sd_notify(0, text.c_str()));
}

}  // namespace

ServiceNotify::ServiceNotify() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) > 0) {
    watchdog_ = std::chrono::microseconds(microseconds);
  }
}

void ServiceNotify::ready(const std::string& status) {
  last_status_ = status;
  send("READY=1\nSTATUS=" + one_line(status));
}

void ServiceNotify::status(const std::string& status) {
  if (status != last_status_) {
    last_status_ = status;
    send("STATUS=" + one_line(status));
  }
}

void ServiceNotify::stopping() {
  send("STOPPING=1\nSTATUS=draining");
}
void ServiceNotify::alive() {
  send("WATCHDOG=1");
}

}  // namespace orama::gateway
