#include "cli/status_nodes.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/status_engines.h"
#include "cli/status_facts.h"
#include "cli/status_report.h"
#include "common/api/desired.h"
#include "common/api/status.h"
#include "common/clock.h"
#include "installers/host/systemd.h"
#include "installers/paths.h"

namespace orama::cli {
namespace {

using Row = StatusReport::Row;

constexpr const char* kRecoveryText =
    "`zless /usr/share/doc/orama/operating.md.gz`, \"Most voters gone for good\"";

bool is_member(const api::Node& node) {
  return node.state == "ready" || node.state == "redeemed" || node.state == "leaving";
}

std::vector<const api::Node*> members(const StatusFacts& facts) {
  std::vector<const api::Node*> list;
  for (const api::Node& node : facts.gateway.nodes) {
    if (is_member(node)) {
      list.push_back(&node);
    }
  }
  return list;
}

// "3 s ago"; "" for what is no time. A clock that was set back makes no negative age.
std::string age(const std::string& time, WallTime now) {
  const auto then = parse_rfc3339(time);
  if (!then.ok()) {
    return "";
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - *then).count();
  constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86400;
  if (seconds < 2 * kMinute) {
    return std::to_string(std::max<std::int64_t>(0, seconds)) + " s ago";
  }
  if (seconds < 2 * kHour) {
    return std::to_string(seconds / kMinute) + " min ago";
  }
  return seconds < 2 * kDay ? std::to_string(seconds / kHour) + " h ago"
                            : std::to_string(seconds / kDay) + " days ago";
}

const api::Node* own(const StatusFacts& facts) {
  for (const api::Node& node : facts.gateway.nodes) {
    if (facts.gateway.admin && node.id == facts.gateway.admin->node.id) {
      return &node;
    }
  }
  return nullptr;
}

// As this node's agent saw it last.
std::string handshake(const StatusFacts& facts, const api::Node& node) {
  const api::Node* self = own(facts);
  if (self == nullptr || !self->actual || self->id == node.id) {
    return "";
  }
  for (const api::Actual::Peer& peer : self->actual->peers) {
    if (peer.id == node.id) {
      return peer.last_handshake ? "handshake " + age(*peer.last_handshake, facts.now)
                                 : "no handshake yet";
    }
  }
  return "not on this node's mesh yet";
}

Row row_of(const StatusFacts& facts, const api::Node& node) {
  const bool self = facts.gateway.admin && node.id == facts.gateway.admin->node.id;
  std::vector<std::string> parts = {node.mesh_ip, registry_role(node)};
  parts.push_back(handshake(facts, node));
  if (node.actual && node.actual->disk_total > 0) {
    parts.push_back(gibibytes(static_cast<std::uint64_t>(node.actual->disk_free)) + " GiB free");
  }
  parts.push_back(engines_down(node));
  parts.push_back(node.version.empty() ? std::string() : "orama " + node.version);
  if (!self) {
    parts.push_back(node.last_seen ? "heard " + age(*node.last_seen, facts.now)
                                   : std::string("never heard"));
  }
  std::string detail;
  for (const std::string& part : parts) {
    detail += (detail.empty() || part.empty() ? "" : ", ") + part;
  }
  const bool joining = node.state == "redeemed";
  return {"node " + node.name + (self ? " (this)" : ""),
          joining   ? "joining"
          : node.up ? (node.state == "leaving" ? "leaving" : "up")
                    : "down",
          detail,
          joining   ? Style::warning
          : node.up ? Style::good
                    : Style::bad};
}

// Else what it last said of the voters is no news.
bool own_registry_answers(const StatusFacts& facts) {
  for (const installers::UnitState& unit : facts.units) {
    if (unit.name == installers::paths::kRqliteUnit && !unit.is_active()) {
      return false;
    }
  }
  const auto check = facts.gateway.checks.find("registry");
  return check == facts.gateway.checks.end() || !check->second.reason ||
         *check->second.reason != "refused";
}

}  // namespace

std::string registry_role(const api::Node& node) {
  return node.leader ? "leader" : node.voter ? "voter" : "non-voter";
}

std::vector<Row> node_rows(const StatusFacts& facts) {
  std::vector<Row> rows;
  const auto list = members(facts);
  if (list.size() < 2) {
    return rows;
  }
  for (const api::Node* node : list) {
    rows.push_back(row_of(facts, *node));
  }
  return rows;
}

std::string can_lose(const StatusFacts& facts) {
  if (!facts.gateway.admin || !facts.gateway.admin->cluster) {
    return "";
  }
  const auto& registry = facts.gateway.admin->registry;
  if (!registry.quorum) {
    return "";  // said as a problem
  }
  if (facts.gateway.admin->nodes_total < 2) {
    return "; it is the cluster's only node";
  }
  const std::string of = " of its " + std::to_string(registry.voters) + " registry voters";
  return "; the cluster of " + std::to_string(facts.gateway.admin->nodes_total) +
         " nodes can lose " +
         (registry.tolerates == 0 ? "none" : std::to_string(registry.tolerates)) + of;
}

std::optional<QuorumLost> quorum_lost(const StatusFacts& facts) {
  if (!facts.gateway.admin || !own_registry_answers(facts)) {
    return std::nullopt;
  }
  const auto& registry = facts.gateway.admin->registry;
  const std::int64_t needed = registry.voters / 2 + 1;
  if (registry.voters == 0 || registry.voters_up >= needed) {
    return std::nullopt;
  }
  std::vector<std::string> silent;
  silent.reserve(registry.silent.size());
  for (const std::string& id : registry.silent) {
    silent.push_back(node_name(facts, id));
  }
  const std::string down = joined(silent, "its other voters");
  QuorumLost lost;
  lost.what = "the registry can write nothing: " + std::to_string(registry.voters_up) + " of its " +
              std::to_string(registry.voters) + " voters up, " + std::to_string(needed) +
              " needed; missing: " + down;
  lost.next.push_back("bring back " + std::to_string(needed - registry.voters_up) + " of " + down +
                      ": power the host on, or `sudo orama start` there; the rest heals by itself");
  lost.next.push_back(std::string("lost for good? ") + kRecoveryText);
  return lost;
}

std::string node_name(const StatusFacts& facts, const std::string& id) {
  for (const api::Node& node : facts.gateway.nodes) {
    if (node.id == id) {
      return node.name;
    }
  }
  return id;
}

}  // namespace orama::cli
