#include "gateway/cluster/join.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/api/fields.h"
#include "common/clock.h"
#include "common/crypto/encoding.h"
#include "common/crypto/random.h"
#include "common/join/exchange.h"
#include "common/join/messages.h"
#include "common/join/token.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/desired_board.h"
#include "gateway/cluster/invites.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/node_report.h"
#include "gateway/cluster/pause_for.h"
#include "gateway/cluster/redemption.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

using namespace std::chrono_literals;
using http::ApiCode;

constexpr auto kStep = 20ms;         // between two looks at what another thread does
constexpr auto kAgentPatience = 5s;  // until the agent has the new peer
constexpr auto kReportFresh = 1s;    // join.md: `heard` is at most so old
constexpr auto kReportPatience = 1500ms;
constexpr std::size_t kMarkBytes = 16;

// The field's name goes to a caller who could seal a request: it knows the token.
JoinRefused malformed(const Error& error) {
  const api::FieldReason parts = api::split_field_error(error);
  return JoinRefused{ApiCode::join_malformed,
                     parts.field.empty() ? error.message : parts.field + ": " + parts.reason, ""};
}

Result<join::Peer> peer_of(const NodeRow& row) {
  join::Peer peer;
  TRY(address, mesh::IpAddress::parse(row.mesh_ip));
  peer.id = row.id;
  peer.name = row.name;
  peer.mesh_ip = address;
  peer.wg_public_key = row.wg_public_key;
  peer.node_key = row.node_key;
  peer.endpoints = row.endpoints;
  return peer;
}

struct Version {
  int major = 0, minor = 0;
};

std::optional<Version> parse_version(std::string_view text) {
  Version version;
  const char* end = text.data() + text.size();
  const char* begin = text.data();
  const auto major = std::from_chars(begin, end, version.major);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.' ||
      std::from_chars(major.ptr + 1, end, version.minor).ec != std::errc()) {
    return std::nullopt;
  }
  return version;
}

}  // namespace

std::optional<JoinRefused> version_skew(const std::string& ours, const std::string& theirs) {
  const auto here = parse_version(ours);
  const auto there = parse_version(theirs);
  if (here && there && here->major == there->major && std::abs(here->minor - there->minor) <= 1) {
    return std::nullopt;
  }
  return JoinRefused{ApiCode::version_skew,
                     "this cluster runs orama " + ours + ", the new host has " + theirs +
                         ": versions may be one minor apart",
                     "install orama " + ours + " on the new host"};
}

join::Answer Join::refusal(const JoinRefused& refused) const {
  return join::Refusal{http::http_status(refused.code), std::string(http::wire_name(refused.code)),
                       refused.message, refused.hint, format_rfc3339(parts_.clock.wall_now())};
}

Awaitable<Result<JoinReply>> Join::answer(nlohmann::json body, std::string observed) {
  const auto join_key = parts_.join_key.current();
  if (!join_key) {
    co_return make_error(Errc::unreachable, "this node holds no cluster join key",
                         "join through another node");
  }
  const auto envelope = join::parse_envelope(body);
  if (!envelope.ok()) {
    co_return JoinReply(malformed(envelope.error()));
  }
  auto opened = join::open_request(*envelope, *join_key);
  if (!opened.ok()) {
    co_return JoinReply(malformed(opened.error()));
  }
  CO_TRY(answer, co_await decide(*opened, std::move(observed)));
  const auto* no = std::get_if<join::Refusal>(&answer);
  if (no != nullptr && no->code == http::wire_name(ApiCode::invite_unknown)) {
    // Its secret was wrong: nothing of it is worth a seal.
    co_return JoinReply(JoinRefused{ApiCode::invite_unknown, no->message, no->hint});
  }
  CO_TRY(sealed, join::seal_answer(answer, *opened, *join_key, parts_.random));
  co_return JoinReply(std::move(sealed));
}

Awaitable<Result<join::Answer>> Join::decide(const join::OpenedRequest& opened,
                                             std::string observed) {
  const join::Request& request = opened.request;
  const std::string invite = join::invite_id(opened.invite);
  const std::string hash = invite_hash(request.secret.reveal());
  const auto state = parts_.membership.state();
  if (!state->cluster) {
    co_return make_error(Errc::unreachable, "the registry holds no cluster yet");
  }
  Redemption redemption;
  redemption.invite = invite;
  redemption.secret_hash = hash;
  redemption.node_id = "node_" + crypto::make_uuid_v7(parts_.random, parts_.clock.wall_now());
  redemption.node_key = request.node_key;
  redemption.wg_public_key = request.wg_public_key;
  redemption.name = request.name;
  redemption.roles = request.roles;
  redemption.mesh_cidr = state->cluster->mesh_cidr;
  redemption.mark = crypto::to_base64(parts_.random.bytes(kMarkBytes));
  redemption.now_ms = to_unix_ms(parts_.clock.wall_now());
  auto endpoints = request.endpoints(state->cluster->mesh_cidr);
  const auto skew = version_skew(parts_.view.own().version, request.version);
  if (!endpoints.ok() || skew) {
    // Only to whom the token's secret is known.
    CO_TRY(known, co_await find_known_invite(&parts_.registry, invite, hash));
    if (!known) {
      co_return refusal({ApiCode::invite_unknown, "there is no such invitation", ""});
    }
    co_return refusal(skew ? *skew : malformed(endpoints.error()));
  }
  redemption.endpoints = std::move(endpoints).value();
  auto outcome = co_await redeem(&parts_.registry, redemption);
  if (!outcome.ok()) {
    if (outcome.error().code == Errc::quorum_refused) {
      co_return refusal({ApiCode::quorum_lost,
                         "the registry cannot commit: " + outcome.error().message,
                         "`orama status` on a node of the cluster says which are down"});
    }
    co_return std::move(outcome).error();
  }
  if (const auto* no = std::get_if<JoinRefused>(&*outcome)) {
    if (no->code == ApiCode::invite_used) {
      parts_.log.warn("an invitation was tried by another host", {{"invite", invite},
                                                                  {"name", request.name},
                                                                  {"from", observed},
                                                                  {"reason", no->message}});
    }
    co_return refusal(*no);
  }
  const auto& node = std::get<Redeemed>(*outcome);
  if (node.now) {
    parts_.membership.announce();
    parts_.log.info("invitation redeemed", {{"invite", invite},
                                            {"node", node.node_id},
                                            {"name", node.name},
                                            {"mesh_ip", node.mesh_ip},
                                            {"from", observed}});
  }
  co_return co_await granted(node, std::move(observed));
}

Awaitable<Result<join::Answer>> Join::granted(const Redeemed& node, std::string observed) {
  co_await settle(node.node_id);
  join::Grant grant;
  CO_TRY(mesh_ip, mesh::IpAddress::parse(node.mesh_ip));
  const auto state = parts_.membership.state();
  if (!state->cluster) {
    co_return make_error(Errc::unreachable, "the registry holds no cluster any more");
  }
  grant.cluster_id = state->cluster->id;
  grant.cluster_name = state->cluster->name;
  grant.base_domain = state->cluster->base_domain;
  grant.mesh_cidr = state->cluster->mesh_cidr;
  grant.generation = state->cluster->generation;
  grant.node_id = node.node_id;
  grant.node_name = node.name;
  grant.mesh_ip = mesh_ip;
  for (const NodeRow& row : state->nodes) {
    if (row.id != node.node_id && (row.state == "ready" || row.state == "leaving")) {
      CO_TRY(peer, peer_of(row));
      // This node first: it is the one that is known to be up.
      grant.peers.insert(row.id == parts_.view.own().id ? grant.peers.begin() : grant.peers.end(),
                         std::move(peer));
    }
  }
  grant.observed = std::move(observed);
  grant.heard = co_await heard(node.node_id);
  grant.time = format_rfc3339(parts_.clock.wall_now());
  co_return join::Answer(std::move(grant));
}

// Returns once this node's agent has the new peer, so that the joiner's first packet is answered;
// or when that takes too long, which the joiner will see by itself.
Awaitable<void> Join::settle(std::string node_id) {
  parts_.membership.poke();
  const SteadyTime until = parts_.clock.steady_now() + kAgentPatience;
  while (parts_.clock.steady_now() < until) {
    const auto state = parts_.membership.state();
    const NodeRow* row = state->find(node_id);
    const auto desired = parts_.desired.current();
    const auto report = parts_.report.last();
    const bool wanted =
        row != nullptr && desired &&
        std::any_of(desired->peers.begin(), desired->peers.end(),
                    [&](const api::Desired::Peer& peer) { return peer.id == node_id; });
    if (wanted &&
        (parts_.view.own().development || (report && report->actual.version >= desired->version))) {
      co_return;
    }
    co_await pause_for(kStep);
  }
  parts_.log.warn("the agent has not taken the new peer in time", {{"node", node_id}});
}

Awaitable<std::optional<join::Heard>> Join::heard(std::string node_id) {
  const SteadyTime asked = parts_.clock.steady_now();
  while (parts_.clock.steady_now() - asked < kReportPatience && !parts_.view.own().development) {
    const auto report = parts_.report.last();
    if (report && parts_.clock.steady_now() - report->at_steady <= kReportFresh) {
      for (const api::Actual::Peer& peer : report->actual.peers) {
        if (peer.id == node_id && (peer.rx > 0 || peer.last_handshake)) {
          co_return join::Heard{peer.rx, peer.endpoint, peer.last_handshake};
        }
      }
      co_return std::nullopt;
    }
    co_await pause_for(kStep);
  }
  co_return std::nullopt;
}

JoinSweep::JoinSweep(asio::io_context& context, backends::Registry& registry,
                     Membership& membership, const Clock& clock, const Log& log,
                     std::chrono::milliseconds confirm_within)
    : context_(context),
      registry_(registry),
      membership_(membership),
      clock_(clock),
      log_(log.named("join")),
      confirm_within_(confirm_within),
      pause_(context) {}

void JoinSweep::start() {
  spawn(context_, "join_sweep", run(), log_);
}

Awaitable<void> JoinSweep::run() {
  const auto interval = std::clamp(confirm_within_ / 4, std::chrono::milliseconds(50),
                                   std::chrono::milliseconds(15s));
  for (;;) {
    co_await look();
    co_await pause_.wait(interval);
  }
}

Awaitable<void> JoinSweep::look() {
  const auto state = membership_.state();
  std::map<std::string, SteadyTime> seen;
  std::vector<NodeClaim> overdue;
  const SteadyTime now = clock_.steady_now();
  for (const NodeRow& node : state->nodes) {
    if (node.state != "redeemed") {
      continue;
    }
    // A node that was released and came back begins anew.
    const std::string key = node.id + " " + std::to_string(node.changed_at_ms);
    const auto before = first_seen_.find(key);
    const SteadyTime since = before == first_seen_.end() ? now : before->second;
    seen.emplace(key, since);
    if (now - since >= confirm_within_) {
      overdue.push_back({node.id, node.node_key, to_unix_ms(clock_.wall_now())});
    }
  }
  first_seen_ = std::move(seen);
  for (NodeClaim& claim : overdue) {
    const std::string id = claim.node_id;
    const auto released = co_await release_node(&registry_, std::move(claim));
    if (released.ok()) {
      log_.info("a node that never confirmed is released", {{"node", id}});
      membership_.announce();
    } else if (released.error().code != Errc::conflict) {  // it confirmed in the last moment
      log_.warn("a node that never confirmed was not released",
                {{"node", id}, {"reason", released.error().full_message()}});
    }
  }
}

}  // namespace orama::gateway::cluster
