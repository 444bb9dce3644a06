// The supervisor as its cluster's other programs see it: one question a connection over its socket.
// DevUnits is the service manager of one node (host/systemd.h). Blocking; safe from any thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "installers/dev/control_message.h"
#include "installers/dev/node_root.h"
#include "installers/host/systemd.h"

namespace orama::installers {

class SupervisorClient {
 public:
  explicit SupervisorClient(std::string socket) : socket_(std::move(socket)) {}
  // unreachable when no supervisor runs.
  Result<nlohmann::json> ask(const ControlRequest& request,
                             std::chrono::milliseconds within = std::chrono::seconds(150)) const;

 private:
  std::string socket_;
};

class DevUnits final : public Systemd {
 public:
  explicit DevUnits(const NodeRoot& root) : client_(root.control_socket()), node_(root.name()) {}

  Result<std::vector<UnitState>> states(const std::vector<std::string>& units) override;
  Result<void> daemon_reload() override { return {}; }  // unit files are read at each start
  Result<void> start(const std::string& unit) override { return order("start", unit); }
  Result<void> stop(const std::string& unit) override { return order("stop", unit); }
  Result<void> restart(const std::string& unit) override { return order("restart", unit); }
  Result<void> reload(const std::string& unit) override { return order("restart", unit); }
  Result<void> enable(const std::string& unit) override { return order("enable", unit); }
  Result<void> disable(const std::string& unit) override { return order("disable", unit); }
  Result<void> reset_failed(const std::string& /*unit*/) override { return {}; }

 private:
  Result<void> order(const char* verb, const std::string& unit);

  SupervisorClient client_;
  std::string node_;
};

}  // namespace orama::installers
