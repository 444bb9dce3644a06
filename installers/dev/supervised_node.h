// The units of one development node: made when first named, in the order that After= asks for,
// enabled or not (a file says which, for the next boot). Driven by its supervisor. One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/result.h"
#include "installers/dev/node_root.h"
#include "installers/dev/supervised_unit.h"
#include "installers/host/systemd.h"

namespace orama::installers {

// Kills what a supervisor that was killed left running of the node in that folder.
Result<void> kill_leftovers(const std::string& node_folder);

class SupervisedNode {
 public:
  // `notify_prefix`: notification sockets are named by it and a number.
  SupervisedNode(NodeRoot root, Clock& clock, std::string notify_prefix);

  // Makes the supervisor's own folders in the node's and reads what is enabled.
  Result<void> open();

  const std::string& name() const { return name_; }
  SupervisedUnit& unit(const std::string& name);
  const std::map<std::string, std::unique_ptr<SupervisedUnit>>& units() const { return units_; }
  UnitState state(const std::string& unit);

  Result<void> enable(const std::string& unit);
  Result<void> disable(const std::string& unit);

  // Starts what is enabled, if the target is: else the node was never whole, and its install goes
  // on.
  void boot();
  void stop();
  // All processes at once, as a power cut; boots again at `until`.
  void cut_power(SteadyTime until);
  bool is_off() const { return off_until_.has_value(); }
  bool is_idle() const;

  void tick();
  std::optional<SteadyTime> deadline() const;
  SupervisedUnit* unit_of(pid_t pid);

 private:
  bool may_begin(const SupervisedUnit& unit) const;
  std::string enabled_path() const;
  Result<void> save_enabled() const;

  NodeRoot root_;
  const std::string name_;
  Clock& clock_;
  const std::string notify_prefix_;
  std::map<std::string, std::unique_ptr<SupervisedUnit>> units_;
  std::set<std::string> enabled_;
  std::optional<SteadyTime> off_until_;
};

}  // namespace orama::installers
