// The peers of LinksState: who they are, dialing them, which connection of a pair stays, and the
// messages to and from them.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/link/frame.h"
#include "common/link/session.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/links/connection.h"
#include "gateway/links/links.h"
#include "gateway/links/outbox.h"
#include "gateway/links/state.h"

namespace orama::gateway::links {

namespace {

using std::chrono::milliseconds;
// The session gets that much of what waits, so that newer messages can still replace older ones.
constexpr std::size_t kHandedOver = 64UL * 1024;

asio::ip::tcp::endpoint endpoint_of(const Peer& peer) {
  if (peer.mesh_ip.is_v4()) {
    return {asio::ip::address_v4(peer.mesh_ip.v4()), peer.port};
  }
  return {asio::ip::address_v6(peer.mesh_ip.bytes()), peer.port};
}

}  // namespace

// Code of others reads foreign JSON in these: what it throws must not stop a link from being read.
template <class Tell>
void LinksState::guarded(const char* what, const Tell& tell) {
  try {
    tell();
  } catch (const std::exception& e) {
    log_.error("what a link told ended in an exception", {{"told", what}, {"exception", e.what()}});
  }
}

LinksState::PeerPtr LinksState::peer_of(const std::string& key) const {
  const auto found = std::find_if(peers_.begin(), peers_.end(), [&key](const auto& entry) {
    return entry.second->peer.node_key == key;
  });
  return found == peers_.end() ? nullptr : found->second;
}

bool LinksState::takes_messages(const Connection& connection) const {
  return peer_of(connection.peer_key()) != nullptr;
}

void LinksState::set_peers(std::vector<Peer> peers) {
  if (stopped_) {
    return;
  }
  const unsigned version = ++peers_version_;
  std::map<std::string, Peer> wanted;
  for (Peer& peer : peers) {
    if (peer.id != options_.own_id && peer.node_key != identity_.public_key()) {
      std::string id = peer.id;
      wanted.insert_or_assign(std::move(id), std::move(peer));
    }
  }
  for (const auto& [id, peer] : std::map<std::string, PeerPtr>(peers_)) {
    if (stopped_ || version != peers_version_) {
      return;
    }
    const auto still = wanted.find(id);
    if (still == wanted.end() || still->second.node_key != peer->peer.node_key) {
      remove_peer(peer);
    } else {
      peer->peer = std::move(still->second);  // another address counts from the next dial on
      wanted.erase(still);
    }
  }
  // Those who were told of links that went down may have set newer peers meanwhile.
  for (auto& [id, peer] : wanted) {
    if (!stopped_ && version == peers_version_) {
      add_peer(std::move(peer));
    }
  }
}

void LinksState::add_peer(Peer peer) {
  const std::string id = peer.id;
  const auto entry = std::make_shared<PeerEntry>(context_, std::move(peer), options_.queue_bytes);
  peers_[id] = entry;
  dial_later(entry, milliseconds(0));
  tick_later();
}

void LinksState::remove_peer(const PeerPtr& peer) {
  peer->removed = true;
  peer->timer.cancel();
  peers_.erase(peer->peer.id);
  if (peer->live != nullptr) {
    down(peer, "no member any more");
  }
  const std::string& key = peer->peer.node_key;
  for (const ConnectionPtr& connection :
       std::vector<ConnectionPtr>(connections_.begin(), connections_.end())) {
    if (connection->peer_key() == key || connection->expected_key() == key) {
      connection->shut_down("that node is no member any more", link::Goodbye::ended);
    }
  }
}

milliseconds LinksState::backoff(PeerEntry& peer) {
  constexpr unsigned kMostDoublings = 16;
  const milliseconds longest =
      std::min(options_.first_backoff * (1 << std::min(peer.attempts, kMostDoublings)),
               options_.last_backoff);
  ++peer.attempts;
  const std::string random = random_.bytes(1);
  const auto jitter = static_cast<unsigned char>(random[0]);
  return longest / 2 + longest * jitter / 512;  // of the upper half
}

void LinksState::dial_later(const PeerPtr& peer, milliseconds pause) {
  peer->timer.expires_after(pause);
  peer->timer.async_wait(
      [self = shared_from_this(), peer](const boost::system::error_code& cancelled) {
        if (!cancelled && !self->stopped_ && !peer->removed && peer->live == nullptr &&
            peer->dialed == nullptr) {
          peer->dialed = self->dial(peer->peer, Connection::Kind::dialed);
          if (peer->dialed == nullptr) {
            self->dial_later(peer, self->backoff(*peer));
          }
        }
      });
}

// Null when it failed at once.
ConnectionPtr LinksState::dial(const Peer& peer, Connection::Kind kind) {
  auto connection =
      std::make_shared<Connection>(shared_from_this(), Socket(context_), kind, peer.node_key);
  connections_.insert(connection);
  connection->connect(endpoint_of(peer));
  return connection->is_open() ? connection : nullptr;
}

void LinksState::message(const ConnectionPtr& connection, const nlohmann::json& message) {
  const PeerPtr peer = peer_of(connection->peer_key());
  if (peer == nullptr) {
    connection->shut_down("that node is no member any more", link::Goodbye::ended);
    return;
  }
  const std::string id = peer->peer.id;
  const auto& type = message.at("type").get_ref<const std::string&>();
  if (type != "hello") {
    if (!connection->is_greeted()) {
      connection->shut_down("the first message was no hello", link::Goodbye::ended);
    } else if (told.message) {
      guarded("message", [&] { told.message(id, message); });
    }
    return;
  }
  if (message.value("id", nlohmann::json()) != id) {
    log_.warn("a link was refused: its hello names another node than its key", {{"node", id}});
    connection->shut_down("the id in the hello does not belong to that key",
                          link::Goodbye::refused);
    return;
  }
  const bool first = !connection->is_greeted();
  connection->greet();
  const Standing standing = first ? establish(peer, connection) : Standing::spare;
  if (told.hello && !stopped_) {
    guarded("hello", [&] { told.hello(id, message); });
  }
  if (standing == Standing::up && peer->live == connection && told.up && !stopped_) {
    guarded("up", [&] { told.up(id); });
  }
}

// Both sides decide alike: of two connections the one that the lower id opened; of two that one
// side opened the newer, since that side would not have dialed with a link that lives.
LinksState::Standing LinksState::establish(const PeerPtr& peer, const ConnectionPtr& connection) {
  const ConnectionPtr other = peer->live;
  if (other == nullptr) {
    up(peer, connection);
    return Standing::up;
  }
  const bool ours = connection->kind() != Connection::Kind::accepted;
  const bool others_ours = other->kind() != Connection::Kind::accepted;
  if (ours == others_ours) {
    down(peer, "a new connection of that node took its place");
    other->shut_down("a newer connection of this node stays", link::Goodbye::ended);
    if (peer->live == nullptr && !peer->removed && connection->is_open()) {
      up(peer, connection);
      return Standing::up;
    }
    return Standing::spare;
  }
  if (ours == (options_.own_id < peer->peer.id)) {
    peer->live = connection;
    other->retire();
  } else {
    connection->retire();
  }
  return Standing::spare;
}

void LinksState::up(const PeerPtr& peer, const ConnectionPtr& connection) {
  peer->live = connection;
  peer->attempts = 0;
  const SteadyTime now = std::chrono::steady_clock::now();
  {
    const std::scoped_lock lock(mutex_);
    up_[peer->peer.id] = PeerUp{peer->peer.id, now, now};
  }
  log_.info("a link is up", {{"node", peer->peer.id}});
}

void LinksState::down(const PeerPtr& peer, const std::string& reason) {
  const std::string id = peer->peer.id;
  peer->live = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    up_.erase(id);
  }
  log_.info("a link is down", {{"node", id}, {"reason", reason}});
  dropped(id, "peer_down", peer->outbox.clear());
  if (!peer->removed && !stopped_) {
    dial_later(peer, backoff(*peer));
  }
  if (told.down && !stopped_) {
    guarded("down", [&] { told.down(id, reason); });
  }
}

void LinksState::leaving(const Connection& connection, const std::string& reason) {
  if (stopped_) {
    return;
  }
  log_.debug("a connection of a link ends", {{"reason", reason}});
  const std::string& key =
      connection.peer_key().empty() ? connection.expected_key() : connection.peer_key();
  const PeerPtr peer = peer_of(key);
  if (peer == nullptr) {
    return;
  }
  if (peer->for_calls.get() == &connection) {
    peer->for_calls = nullptr;
  }
  const bool was_live = peer->live.get() == &connection;
  if (was_live) {
    down(peer, reason);
  }
}

void LinksState::closed(const ConnectionPtr& connection) {
  connections_.erase(connection);
  const PeerPtr peer = peer_of(connection->expected_key());
  if (peer != nullptr && peer->dialed == connection) {
    peer->dialed = nullptr;
    if (peer->live == nullptr && !stopped_) {
      dial_later(peer, backoff(*peer));
    }
  }
}

void LinksState::heard(const Connection& connection, SteadyTime now) {
  if (!connection.is_greeted()) {
    return;
  }
  const PeerPtr peer = peer_of(connection.peer_key());
  const std::scoped_lock lock(mutex_);
  if (const auto found = peer == nullptr ? up_.end() : up_.find(peer->peer.id);
      found != up_.end()) {
    found->second.last_heard = now;
  }
}

std::vector<PeerUp> LinksState::peers_up() const {
  const std::scoped_lock lock(mutex_);
  std::vector<PeerUp> list;
  list.reserve(up_.size());
  for (const auto& [id, peer] : up_) {
    list.push_back(peer);
  }
  return list;
}

void LinksState::refill(Connection& connection) {
  const PeerPtr peer = peer_of(connection.peer_key());
  if (peer == nullptr || peer->live.get() != &connection) {
    return;
  }
  while (!peer->outbox.empty() && connection.queued() < kHandedOver) {
    connection.send_frame(peer->outbox.pop());
  }
}

Sent LinksState::send(const std::string& id, const nlohmann::json& message, Delivery delivery) {
  const Result<std::string> frame = link::encode_message(message);
  if (!frame.ok()) {
    log_.error("a message to a peer cannot be sent", frame.error(), {{"node", id}});
    return Sent::invalid;
  }
  const auto found = peers_.find(id);
  if (found == peers_.end() || found->second->live == nullptr) {
    dropped(id, "peer_down", 1);
    return Sent::peer_down;
  }
  return put(found->second, *frame,
             delivery == Delivery::latest_only ? message.at("type").get<std::string>() : "");
}

void LinksState::broadcast(const nlohmann::json& message, Delivery delivery) {
  const Result<std::string> frame = link::encode_message(message);
  if (!frame.ok()) {
    log_.error("a message to all peers cannot be sent", frame.error());
    return;
  }
  const std::string latest =
      delivery == Delivery::latest_only ? message.at("type").get<std::string>() : "";
  for (const auto& [id, peer] : std::map<std::string, PeerPtr>(peers_)) {
    if (peer->live != nullptr) {
      put(peer, *frame, latest);
    }
  }
}

Sent LinksState::put(const PeerPtr& peer, const std::string& frame, const std::string& latest) {
  const ConnectionPtr connection = peer->live;
  const Outbox::Put put = peer->outbox.put(frame, latest, connection->queued());
  switch (put) {
    case Outbox::Put::full:
      dropped(peer->peer.id, "queue_full", 1);
      return Sent::queue_full;
    case Outbox::Put::replaced:
      return Sent::replaced;
    case Outbox::Put::queued:
      break;
  }
  refill(*connection);
  connection->flush();
  return Sent::queued;
}

void LinksState::dropped(const std::string& id, const char* reason, std::size_t count) {
  for (std::size_t i = 0; i < count && told.dropped && !stopped_; ++i) {
    told.dropped(id, reason);
  }
}

}  // namespace orama::gateway::links
