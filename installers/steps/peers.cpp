#include "installers/steps/peers.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/join/messages.h"
#include "common/mesh/endpoint.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"
#include "installers/step.h"
#include "installers/steps/join_call.h"
#include "installers/steps/join_record.h"
#include "installers/steps/node_sources.h"
#include "installers/steps/redeem.h"

namespace orama::installers {
namespace {

using join::Peer;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kPatience{20};
constexpr milliseconds kOneTry{1000}, kPause{250};

std::string listed(const std::vector<Peer>& peers) {
  std::string text;
  for (const Peer& peer : peers) {
    text += (text.empty() ? "" : ", ") + peer.name + " (" + peer.mesh_ip.to_string() + ")";
  }
  return text;
}

std::string endpoints_of(const std::vector<Peer>& peers) {
  std::string text;
  for (const Peer& peer : peers) {
    for (const std::string& endpoint : peer.endpoints) {
      text += (text.empty() ? "" : ", ") + endpoint;
    }
  }
  return text.empty() ? "the members" : text;
}

// The member that the join was asked at, where its URL is one of its addresses.
bool was_asked(const Peer& peer, const std::string& url) {
  return std::any_of(peer.endpoints.begin(), peer.endpoints.end(), [&](const std::string& text) {
    const auto endpoint = mesh::Endpoint::parse(text);
    if (!endpoint.ok()) {
      return false;
    }
    const std::string_view host = std::string_view(url).substr(url.find("//") + 2);
    const std::string literal = endpoint->address.for_url();
    return host == literal || host.starts_with(literal + ":");
  });
}

class PeersReached final : public Change {
 public:
  explicit PeersReached(NodeSources sources) : sources_(std::move(sources)) {}

  std::string_view kind() const override { return "wait"; }
  std::string target() const override { return "the members answer over the mesh"; }

  // Proven again in every run until the join is confirmed.
  Result<bool> converged(ChangeContext& context) override { return is_member(context.host); }

  Result<std::string> describe(ChangeContext&) override {
    return std::string("wait until the members answer over the mesh, both ways");
  }

  Result<nlohmann::json> prior(ChangeContext&) override { return nlohmann::json(); }
  nlohmann::json wanted() const override { return nullptr; }

  Result<void> apply(ChangeContext& context) override {
    Host& host = context.host;
    TRY(record, read_join_record(host.files));
    if (!record || !sources_.link) {
      return make_error(Errc::conflict, "the cluster's answer to this host is gone",
                        "type the whole join command again");
    }
    std::vector<Peer> silent = record->grant.peers;
    TRY_VOID(wait_for(context, silent));
    const bool asked_is_silent = std::any_of(silent.begin(), silent.end(), [&](const Peer& peer) {
      return was_asked(peer, record->url);
    });
    if (silent.size() == record->grant.peers.size() || asked_is_silent) {
      return blocked(host, silent);
    }
    if (!silent.empty() && sources_.notice) {
      sources_.notice("No answer over the mesh from " + listed(silent) +
                      "; the join goes on with the others");
    }
    return {};
  }

 private:
  // Takes off those that answer; ends when all do or the time is over.
  Result<void> wait_for(ChangeContext& context, std::vector<Peer>& silent) {
    Clock& clock = context.host.clock;
    const SteadyTime deadline = clock.steady_now() + kPatience;
    while (!silent.empty() && clock.steady_now() < deadline) {
      for (auto peer = silent.begin(); peer != silent.end() && clock.steady_now() < deadline;) {
        if (context.interrupted != nullptr && context.interrupted->load()) {
          return make_error(Errc::interrupted, "interrupted while the members were waited for");
        }
        peer = sources_.link->reach(*peer, kOneTry).ok() ? silent.erase(peer) : std::next(peer);
      }
      if (!silent.empty()) {
        clock.sleep_for(kPause);
      }
    }
    return {};
  }

  // With a handshake both ways carry UDP; what fails then is above it.
  bool has_handshake(const std::vector<Peer>& peers) const {
    return sources_.tunnel_endpoint &&
           std::any_of(peers.begin(), peers.end(), [this](const Peer& peer) {
             return sources_.tunnel_endpoint(peer.wg_public_key).has_value();
           });
  }

  std::optional<join::Grant> ask_again(Host& host) const {
    if (!sources_.join) {
      return std::nullopt;
    }
    auto attempt = try_join(host, *sources_.join, seconds(10));
    if (!attempt.ok() || !attempt->answer) {
      return std::nullopt;
    }
    auto* grant = std::get_if<join::Grant>(&*attempt->answer);
    return grant == nullptr ? std::nullopt : std::optional(std::move(*grant));
  }

  Error blocked(Host& host, const std::vector<Peer>& silent) const {
    const std::string begin = "no answer over the mesh from " + listed(silent) + " within " +
                              std::to_string(kPatience.count()) + " s: ";
    const std::string there = "at " + endpoints_of(silent) + " let UDP 51820 in, and here out";
    const std::string here = "here let UDP 51820 in (the provider's firewall too), and there out";
    const std::string again = "; then type the same command again";
    if (has_handshake(silent)) {
      return make_error(Errc::unreachable,
                        begin + "the tunnel stands, but nothing answers on port 6002 behind it",
                        "look there: orama status; journalctl -u orama-gateway" + again);
    }
    const auto grant = ask_again(host);
    if (!grant) {
      return make_error(Errc::unreachable,
                        begin +
                            "there is no handshake, and in which direction packets are lost "
                            "could not be asked",
                        there + "; " + here + again);
    }
    if (!grant->heard || grant->heard->rx_bytes == 0) {
      return make_error(Errc::unreachable,
                        begin + "packets of this host do not arrive there (heard: 0 bytes)",
                        there + again);
    }
    return make_error(Errc::unreachable,
                      begin + "packets of this host arrive there (heard: " +
                          std::to_string(grant->heard->rx_bytes) + " bytes from " +
                          grant->heard->endpoint + "), theirs do not arrive here",
                      here + again);
  }

  NodeSources sources_;
};

}  // namespace

Step peers_step(const NodeSources& sources) {
  Step step{"peers", "the mesh carries both ways", {}, nullptr};
  step.changes = [sources](Host&) -> Result<Changes> {
    Changes changes;
    changes.push_back(std::make_unique<PeersReached>(sources));
    return changes;
  };
  return step;
}

}  // namespace orama::installers
