#include "installers/agent/voter_change.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/api/fields.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/agent/registry_lock.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/host/systemd.h"
#include "installers/local_rqlite.h"
#include "installers/rqlite_engine.h"
#include "installers/rqlite_join.h"

namespace orama::installers {
namespace {

using api::Desired;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kVersion = 1;
constexpr seconds kLookInterval{10}, kRolePatience{20};
constexpr milliseconds kPollInterval{250};

// Of the ready members, where any is known.
std::vector<std::string> raft_addresses(const Desired& desired, const RqliteEngine& engine) {
  const std::string registry_port = ":" + std::to_string(kRegistry.raft_port);
  const std::string port = ":" + std::to_string(engine.raft_port);
  std::vector<std::string> addresses;
  addresses.reserve(desired.rqlite_join.size() + desired.peers.size());
  for (const std::string& address : desired.rqlite_join) {
    addresses.push_back(address.substr(0, address.size() - registry_port.size()) + port);
  }
  if (addresses.empty()) {
    for (const Desired::Peer& peer : desired.peers) {
      addresses.push_back(peer.mesh_ip + port);
    }
  }
  return addresses;
}

// A change costs the node's registry for a moment: others must be able to carry it out. One that
// gives its vote up is stopped before it is taken off the list, so those that stay must be a
// majority without it.
Result<void> check_others(const RqliteEngine& engine, const Desired& desired,
                          const RqliteNodes& nodes) {
  int voters = 0;
  int up = 0;
  bool leader = false;
  for (const auto& [id, node] : nodes) {
    leader |= node.leader;
    if (node.voter && id != desired.self.id) {
      ++voters;
      up += node.reachable ? 1 : 0;
    }
  }
  if (up == 0 || !leader) {
    return make_error(Errc::quorum_refused,
                      std::string("the vote of this node in ") + engine.name +
                          " is not changed now: no other voter is reachable, or there is no "
                          "leader");
  }
  if (!desired.self.voter && up < voters / 2 + 1) {
    return make_error(Errc::quorum_refused,
                      std::string("the vote of this node in ") + engine.name +
                          " is not given up now: of the " + std::to_string(voters) +
                          " voters that would stay, " + std::to_string(up) + " answer");
  }
  return {};
}

// They may still vote, and soon nobody hears them.
bool lists_removed_nodes(const Desired& desired, const RqliteNodes& nodes) {
  return std::any_of(desired.removed.begin(), desired.removed.end(),
                     [&nodes](const Desired::Removed& node) { return nodes.contains(node.id); });
}

}  // namespace

std::string VoterIntent::to_text() const {
  return json{{"v", kVersion}, {"voter", voter}, {"removed", removed}}.dump() + "\n";
}

Result<VoterIntent> VoterIntent::from_text(std::string_view text) {
  auto body = parse_json(text);
  if (!body.ok()) {
    return std::move(body).while_doing("reading the intent of a change of votes").error();
  }
  const api::Fields fields(*body);
  TRY(version, fields.integer("v"));
  if (version != kVersion) {
    return fields.wrong("v", "1");
  }
  TRY(voter, fields.boolean("voter"));
  TRY(removed, fields.boolean("removed"));
  return VoterIntent{voter, removed};
}

LocalRqlite VoterChange::rqlite(const Desired& desired) const {
  return {host_, engine_, desired.self.mesh_ip};
}

RegistryLock VoterChange::lock(const Desired& desired) const {
  return {host_, engine_.voter_lock, desired};
}

Result<std::optional<VoterIntent>> VoterChange::read_intent() {
  const auto text = host_.files.read(engine_.voter_intent);
  if (!text.ok()) {
    return text.error().code == Errc::not_found ? std::optional<VoterIntent>()
                                                : Result<std::optional<VoterIntent>>(text.error());
  }
  TRY(intent, VoterIntent::from_text(*text));
  return std::optional<VoterIntent>(intent);
}

Result<void> VoterChange::write_intent(const VoterIntent& intent) {
  return host_.files.write(engine_.voter_intent, intent.to_text(), {0644, "root", "root"});
}

Result<void> VoterChange::write_join_file(const Desired& desired, bool voter) {
  TRY(text, rqlite_join_text(voter ? RqliteRole::voter : RqliteRole::non_voter,
                             raft_addresses(desired, engine_)));
  return host_.files.write(engine_.join_file, text, {0644, "root", "root"});
}

// Once in ten seconds, and at once when the wish changed or a join is under way.
bool VoterChange::is_due(const Desired& desired, bool joining) {
  const SteadyTime now = host_.clock.steady_now();
  if (!joining && looked_ != SteadyTime{} && desired.self.voter == looked_for_ &&
      now - looked_ < kLookInterval) {
    return false;
  }
  looked_ = now;
  looked_for_ = desired.self.voter;
  return true;
}

Result<void> VoterChange::follow(const Desired& desired) {
  if (desired.self.id.empty()) {
    return {};  // nothing was desired yet
  }
  TRY(intent, read_intent());
  if (intent) {
    return complete(desired, *intent);
  }
  TRY(data, host_.files.status(engine_.data));
  TRY(joining, host_.files.status(engine_.join_file));
  if (!data || !is_due(desired, joining.has_value())) {
    return {};  // not installed yet
  }
  TRY(nodes, rqlite(desired).nodes());
  const auto self = nodes.find(desired.self.id);
  if (self == nodes.end()) {
    return {};  // it has not joined yet
  }
  if (joining) {
    TRY_VOID(host_.files.remove_file(engine_.join_file));
  }
  // A node that leaves gives its vote up first.
  const bool leaves = desired.self.state == "leaving" && !desired.self.voter;
  const bool settled = (desired.self.state == "ready" || leaves) && !desired.stale;
  if (leaves) {
    looked_ = SteadyTime{};  // an operator waits
  }
  return settled && self->second.voter != desired.self.voter ? begin(desired, nodes)
                                                             : Result<void>();
}

Result<void> VoterChange::begin(const Desired& desired, const RqliteNodes& nodes) {
  if (lists_removed_nodes(desired, nodes)) {
    looked_ = SteadyTime{};  // at the next call: another part of the agent takes them off
    return {};
  }
  TRY_VOID(check_others(engine_, desired, nodes));
  TRY(locked, lock(desired).take());
  looked_ = SteadyTime{};  // at the next call, whoever had the lock
  if (!locked) {
    return {};
  }
  const VoterIntent intent{desired.self.voter, false};
  TRY_VOID(write_intent(intent));
  return complete(desired, intent);
}

// Each part may be repeated: a stopped unit is stopped, an id that is unknown is removed.
Result<void> VoterChange::complete(const Desired& desired, VoterIntent intent) {
  if (!intent.removed) {
    TRY_VOID(host_.systemd.stop(engine_.unit));
    if (const auto left = leave_member_list(desired, intent); !left.ok()) {
      return take_back(desired, intent, left.error());
    }
  }
  TRY_VOID(write_join_file(desired, intent.voter));
  TRY_VOID(host_.systemd.start(engine_.unit));
  TRY_VOID(wait_for_role(desired, intent.voter));
  return finish(desired);
}

// The error is `unreachable` only when nothing was sent to anybody.
Result<void> VoterChange::leave_member_list(const Desired& desired, VoterIntent& intent) {
  Error problem = make_error(Errc::unreachable, "no other member answers");
  for (const Desired::Peer& peer : desired.peers) {
    const auto removed = rqlite(desired).remove(desired.self.id, peer.mesh_ip);
    if (removed.ok()) {
      intent.removed = true;
      return write_intent(intent);
    }
    if (problem.code == Errc::unreachable) {
      problem = removed.error();
    }
  }
  return problem;
}

// Nobody took this node off the list: it goes on as it was. Where an answer was lost it may be off
// the list all the same, so it is told to join in its old role, which is ignored from a member.
Result<void> VoterChange::take_back(const Desired& desired, const VoterIntent& intent,
                                    const Error& cause) {
  if (cause.code != Errc::unreachable) {
    TRY_VOID(write_join_file(desired, !intent.voter));
  }
  TRY_VOID(host_.systemd.start(engine_.unit));
  TRY_VOID(host_.files.remove_file(engine_.voter_intent));
  const auto released = lock(desired).release_soon();
  return make_error(
      cause.code,
      std::string("the vote of this node in ") + engine_.name +
          " was not changed, as no member took it off the list: " + cause.full_message() +
          (released.ok() ? std::string()
                         : "; and the lock is not given back before its time: " +
                               released.error().full_message()));
}

Result<void> VoterChange::wait_for_role(const Desired& desired, bool voter) {
  LocalRqlite registry = rqlite(desired);
  const SteadyTime deadline = host_.clock.steady_now() + kRolePatience;
  for (;;) {
    const auto nodes = registry.nodes();
    const auto self = nodes.ok() ? nodes->find(desired.self.id) : RqliteNodes::const_iterator();
    if (nodes.ok() && self != nodes->end() && self->second.voter == voter) {
      return {};
    }
    if (host_.clock.steady_now() >= deadline) {
      return make_error(Errc::timeout,
                        std::string(engine_.name) + " of this node did not join as a " +
                            (voter ? "voter" : "non-voter") + " within " +
                            std::to_string(kRolePatience.count()) + " s" +
                            (nodes.ok() ? "" : ": " + nodes.error().full_message()),
                        std::string("journalctl -u ") + engine_.unit);
    }
    host_.clock.sleep_for(kPollInterval);
  }
}

Result<void> VoterChange::finish(const Desired& desired) {
  TRY_VOID(host_.files.remove_file(engine_.join_file));
  TRY_VOID(host_.files.remove_file(engine_.voter_intent));
  looked_ = SteadyTime{};
  return lock(desired).release();
}

}  // namespace orama::installers
