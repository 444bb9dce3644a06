// The inside of Links: the peers, the connections and what is between them. Handlers hold a
// shared_ptr, so that one which outlives Links finds it; stop() breaks the circle of the state and
// its connections. Touched by the thread of the context only, but for the list of peers that are
// up.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/link/identity.h"
#include "common/link/session.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/http/awaitable.h"
#include "gateway/links/connection.h"
#include "gateway/links/links.h"
#include "gateway/links/outbox.h"

namespace orama::gateway::links {

using Listener = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;
using ConnectionPtr = std::shared_ptr<Connection>;

struct LinksTold {
  std::function<void(const std::string&, const nlohmann::json&)> hello, message;
  std::function<void(const std::string&)> up;
  std::function<void(const std::string&, const std::string&)> down, dropped;
};

class LinksState : public std::enable_shared_from_this<LinksState> {
 public:
  LinksState(asio::io_context& context, link::LinkIdentity identity, LinksOptions options,
             LinksNeeds needs, crypto::Random& random, const Log& log);

  void accept_on(int descriptor);
  void set_peers(std::vector<Peer> peers);
  std::vector<PeerUp> peers_up() const;
  std::size_t connections() const { return connections_.size(); }
  Sent send(const std::string& id, const nlohmann::json& message, Delivery delivery);
  void broadcast(const nlohmann::json& message, Delivery delivery);
  static Awaitable<Result<link::Answer>> call(std::shared_ptr<LinksState> self, std::string id,
                                              std::string path, nlohmann::json body,
                                              std::chrono::milliseconds timeout);
  void stop();

  // What a connection tells.
  void secured(const ConnectionPtr& connection);
  bool takes_messages(const Connection& connection) const;  // its key is a peer's
  void message(const ConnectionPtr& connection, const nlohmann::json& message);
  void request(const ConnectionPtr& connection, link::StreamId stream, const std::string& path,
               const std::string& body);
  void heard(const Connection& connection, SteadyTime now);
  void refill(Connection& connection);
  void leaving(const Connection& connection, const std::string& reason);
  void closed(const ConnectionPtr& connection);

  asio::io_context& context() { return context_; }
  const link::LinkIdentity& identity() const { return identity_; }
  const LinksOptions& options() const { return options_; }
  const LinksNeeds& needs() const { return needs_; }

  LinksTold told;
  std::map<std::string, RequestHandler> handlers;

 private:
  struct PeerEntry {
    PeerEntry(asio::io_context& context, Peer its_peer, std::size_t queue_bytes)
        : peer(std::move(its_peer)), outbox(queue_bytes), timer(context) {}
    Peer peer;
    Outbox outbox;
    Timer timer;  // until the next dial
    ConnectionPtr live, dialed, for_calls;
    unsigned attempts = 0;
    bool removed = false;
  };
  using PeerPtr = std::shared_ptr<PeerEntry>;
  using Signal = std::shared_ptr<asio::cancellation_signal>;

  PeerPtr peer_of(const std::string& key) const;
  void add_peer(Peer peer);
  void remove_peer(const PeerPtr& peer);
  void dial_later(const PeerPtr& peer, std::chrono::milliseconds pause);
  ConnectionPtr dial(const Peer& peer, Connection::Kind kind);
  std::chrono::milliseconds backoff(PeerEntry& peer);

  void wait_for_connections(const std::shared_ptr<Listener>& listener);
  enum class Accepted { connection, queue_empty, out_of_descriptors };
  Accepted accept_one(int listener);
  void tick_later();

  enum class Standing { up, spare };
  Standing establish(const PeerPtr& peer, const ConnectionPtr& connection);
  void up(const PeerPtr& peer, const ConnectionPtr& connection);
  void down(const PeerPtr& peer, const std::string& reason);
  template <class Tell>
  void guarded(const char* what, const Tell& tell);
  Sent put(const PeerPtr& peer, const std::string& frame, const std::string& latest);
  void dropped(const std::string& id, const char* reason, std::size_t count);
  static Awaitable<void> judge(std::shared_ptr<LinksState> self, ConnectionPtr connection);
  static Awaitable<void> run_request(std::shared_ptr<LinksState> self, ConnectionPtr connection,
                                     link::StreamId stream, std::string path, Caller caller,
                                     nlohmann::json body);

  asio::io_context& context_;
  link::LinkIdentity identity_;
  LinksOptions options_;
  LinksNeeds needs_;
  crypto::Random& random_;
  Log log_;
  Timer ticks_;
  bool ticking_ = false, stopped_ = false;
  std::vector<std::shared_ptr<Listener>> listeners_, pausing_;
  std::map<std::string, PeerPtr> peers_;  // by id
  unsigned peers_version_ = 0;            // of calls to set_peers
  std::set<ConnectionPtr> connections_;
  std::set<Signal> running_;  // requests

  mutable std::mutex mutex_;  // of the list
  std::map<std::string, PeerUp> up_;
};

}  // namespace orama::gateway::links
