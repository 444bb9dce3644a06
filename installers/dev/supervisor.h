// The one background process of a development cluster (`orama dev supervise`): runs the units of
// all its nodes as child processes, as systemd would on their hosts, and takes orders over a socket
// that only its user reaches. One thread, one poll; ends when told to shut down, with every process
// gone. Killed, its children go with it, and what the kernel left is found by the next one.
#pragma once

#include <poll.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "installers/dev/control_message.h"
#include "installers/dev/descriptor.h"
#include "installers/dev/node_root.h"
#include "installers/dev/supervised_node.h"

namespace orama::installers {

class Supervisor {
 public:
  // `folder` holds the nodes' folders, the control socket and the lock.
  Supervisor(std::string folder, DevPrograms programs, Clock& clock, const Log& log);

  // locked when another one runs there.
  Result<void> open();
  // Until a shutdown or SIGTERM; every process is gone then.
  Result<void> run();

 private:
  struct Connection {
    Descriptor socket;
    std::string read = {};
    std::optional<ControlRequest> waiting = {};  // its answer comes later
  };
  using Watch = std::pair<pollfd, std::function<void()>>;

  Result<void> take_lock();
  Result<void> listen();
  Result<void> watch_signals();
  Result<void> kill_all_leftovers();
  Result<SupervisedNode*> node(const std::string& name);

  std::vector<Watch> watches();
  void wait();
  int patience() const;
  void accept_connection();
  void read_signal();
  void reap();
  void read_request(Connection& connection);
  void begin(Connection& connection, const ControlRequest& request);
  Result<std::optional<nlohmann::json>> carry_out(const ControlRequest& request);
  Result<void> give_orders(SupervisedNode& node, const ControlRequest& request);
  std::optional<Result<nlohmann::json>> answer_of(const ControlRequest& request);
  void answer_waiting();
  static void answer(Connection& connection, const Result<nlohmann::json>& answer);
  nlohmann::json everything();
  void stop_all();
  bool all_idle() const;

  const std::string folder_;
  const DevPrograms programs_;
  Clock& clock_;
  const Log& log_;
  Descriptor lock_, listener_, signals_;
  std::map<std::string, std::unique_ptr<SupervisedNode>> nodes_;
  std::vector<std::unique_ptr<Connection>> connections_;
  bool ending_ = false;
};

}  // namespace orama::installers
