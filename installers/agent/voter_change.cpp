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
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/host/systemd.h"
#include "installers/local_registry.h"
#include "installers/paths.h"
#include "installers/registry_join.h"

namespace orama::installers {
namespace {

using api::Desired;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kVersion = 1;
constexpr seconds kLookInterval{10}, kRolePatience{20}, kLockTime{30}, kUnlockPatience{10};
constexpr milliseconds kPollInterval{250};
constexpr const char* kLock = "voters";

Result<std::optional<VoterIntent>> read_intent(Host& host) {
  const auto text = host.files.read(paths::kVoterIntent);
  if (!text.ok()) {
    return text.error().code == Errc::not_found ? std::optional<VoterIntent>()
                                                : Result<std::optional<VoterIntent>>(text.error());
  }
  TRY(intent, VoterIntent::from_text(*text));
  return std::optional<VoterIntent>(intent);
}

Result<void> write_intent(Host& host, const VoterIntent& intent) {
  return host.files.write(paths::kVoterIntent, intent.to_text(), {0644, "root", "root"});
}

// One holder at a time; what a crashed holder left is free after its time.
Result<bool> take_lock(Host& host, const Desired& desired) {
  LocalRegistry registry(host, desired.self.mesh_ip);
  const std::int64_t now = to_unix_ms(host.clock.wall_now());
  const std::int64_t until = now + std::chrono::duration_cast<milliseconds>(kLockTime).count();
  TRY(changed,
      registry.execute("INSERT INTO locks(name, holder, until) VALUES(?, ?, ?) "
                       "ON CONFLICT(name) DO UPDATE SET holder=excluded.holder, "
                       "until=excluded.until WHERE locks.until<? OR locks.holder=excluded.holder",
                       {std::string(kLock), desired.self.id, until, now}));
  return changed == 1;
}

Result<void> release_lock(Host& host, const Desired& desired) {
  LocalRegistry registry(host, desired.self.mesh_ip);
  TRY_VOID(registry.execute("DELETE FROM locks WHERE name=? AND holder=?",
                            {std::string(kLock), desired.self.id}));
  return {};
}

// As soon as this node's registry, just started, writes again. Without a leader the lock ends by
// its time.
Result<void> release_lock_soon(Host& host, const Desired& desired) {
  const SteadyTime deadline = host.clock.steady_now() + kUnlockPatience;
  for (;;) {
    const auto released = release_lock(host, desired);
    if (released.ok() || host.clock.steady_now() >= deadline) {
      return released;
    }
    host.clock.sleep_for(kPollInterval);
  }
}

std::vector<std::string> raft_addresses(const Desired& desired) {
  if (!desired.rqlite_join.empty()) {
    return desired.rqlite_join;
  }
  std::vector<std::string> addresses;
  addresses.reserve(desired.peers.size());
  for (const Desired::Peer& peer : desired.peers) {
    addresses.push_back(peer.mesh_ip + ":" + std::to_string(paths::kRqliteRaftPort));
  }
  return addresses;
}

// A change costs the node's registry for a moment: others must be able to carry it out. One that
// gives its vote up is stopped before it is taken off the list, so those that stay must be a
// majority without it.
Result<void> check_others(const Desired& desired, const RegistryNodes& nodes) {
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
                      "the vote of this node in the registry is not changed now: no other voter is "
                      "reachable, or there is no leader");
  }
  if (!desired.self.voter && up < voters / 2 + 1) {
    return make_error(Errc::quorum_refused,
                      "the vote of this node in the registry is not given up now: of the " +
                          std::to_string(voters) + " voters that would stay, " +
                          std::to_string(up) + " answer");
  }
  return {};
}

// They may still vote, and soon nobody hears them.
bool lists_removed_nodes(const Desired& desired, const RegistryNodes& nodes) {
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
    return std::move(body).while_doing(std::string("reading ") + paths::kVoterIntent).error();
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
  TRY(intent, read_intent(host_));
  if (intent) {
    return complete(desired, *intent);
  }
  TRY(password, host_.files.status(std::string(paths::kSecrets) + "/agent-registry-password"));
  TRY(joining, host_.files.status(paths::kRqliteJoinEnv));
  if (!password || !is_due(desired, joining.has_value())) {
    return {};
  }
  TRY(nodes, LocalRegistry(host_, desired.self.mesh_ip).nodes());
  const auto self = nodes.find(desired.self.id);
  if (self == nodes.end()) {
    return {};  // it has not joined yet
  }
  if (joining) {
    TRY_VOID(host_.files.remove_file(paths::kRqliteJoinEnv));
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

Result<void> VoterChange::begin(const Desired& desired, const RegistryNodes& nodes) {
  if (lists_removed_nodes(desired, nodes)) {
    looked_ = SteadyTime{};  // at the next call: another part of the agent takes them off
    return {};
  }
  TRY_VOID(check_others(desired, nodes));
  TRY(locked, take_lock(host_, desired));
  looked_ = SteadyTime{};  // at the next call, whoever had the lock
  if (!locked) {
    return {};
  }
  const VoterIntent intent{desired.self.voter, false};
  TRY_VOID(write_intent(host_, intent));
  return complete(desired, intent);
}

// Each part may be repeated: a stopped unit is stopped, an id that is unknown is removed.
Result<void> VoterChange::complete(const Desired& desired, VoterIntent intent) {
  if (!intent.removed) {
    TRY_VOID(host_.systemd.stop(paths::kRqliteUnit));
    if (const auto left = leave_member_list(desired, intent); !left.ok()) {
      return take_back(desired, intent, left.error());
    }
  }
  TRY(text, registry_join_text(intent.voter ? RegistryRole::voter : RegistryRole::non_voter,
                               raft_addresses(desired)));
  TRY_VOID(host_.files.write(paths::kRqliteJoinEnv, text, {0644, "root", "root"}));
  TRY_VOID(host_.systemd.start(paths::kRqliteUnit));
  TRY_VOID(wait_for_role(desired, intent.voter));
  return finish(desired);
}

// The error is `unreachable` only when nothing was sent to anybody.
Result<void> VoterChange::leave_member_list(const Desired& desired, VoterIntent& intent) {
  Error problem = make_error(Errc::unreachable, "no other member answers");
  for (const Desired::Peer& peer : desired.peers) {
    const auto removed =
        LocalRegistry(host_, desired.self.mesh_ip).remove(desired.self.id, peer.mesh_ip);
    if (removed.ok()) {
      intent.removed = true;
      return write_intent(host_, intent);
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
    TRY(text, registry_join_text(intent.voter ? RegistryRole::non_voter : RegistryRole::voter,
                                 raft_addresses(desired)));
    TRY_VOID(host_.files.write(paths::kRqliteJoinEnv, text, {0644, "root", "root"}));
  }
  TRY_VOID(host_.systemd.start(paths::kRqliteUnit));
  TRY_VOID(host_.files.remove_file(paths::kVoterIntent));
  const auto released = release_lock_soon(host_, desired);
  return make_error(cause.code,
                    "the vote of this node in the registry was not changed, as no member took it "
                    "off the list: " +
                        cause.full_message() +
                        (released.ok() ? std::string()
                                       : "; and the lock is not given back before its time: " +
                                             released.error().full_message()));
}

Result<void> VoterChange::wait_for_role(const Desired& desired, bool voter) {
  LocalRegistry registry(host_, desired.self.mesh_ip);
  const SteadyTime deadline = host_.clock.steady_now() + kRolePatience;
  for (;;) {
    const auto nodes = registry.nodes();
    const auto self = nodes.ok() ? nodes->find(desired.self.id) : RegistryNodes::const_iterator();
    if (nodes.ok() && self != nodes->end() && self->second.voter == voter) {
      return {};
    }
    if (host_.clock.steady_now() >= deadline) {
      return make_error(Errc::timeout,
                        std::string("the registry of this node did not join as a ") +
                            (voter ? "voter" : "non-voter") + " within " +
                            std::to_string(kRolePatience.count()) + " s" +
                            (nodes.ok() ? "" : ": " + nodes.error().full_message()),
                        "journalctl -u orama-rqlite");
    }
    host_.clock.sleep_for(kPollInterval);
  }
}

Result<void> VoterChange::finish(const Desired& desired) {
  TRY_VOID(host_.files.remove_file(paths::kRqliteJoinEnv));
  TRY_VOID(host_.files.remove_file(paths::kVoterIntent));
  looked_ = SteadyTime{};
  return release_lock(host_, desired);
}

}  // namespace orama::installers
