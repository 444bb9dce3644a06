// The links of this gateway (architecture.md 14): one to each other member, on which messages and
// calls go both ways, and what a joiner's installer asks. Accepts on sockets that it is given and
// dials its peers; of two connections of a pair the one that the lower node id opened stays. All on
// one io_context: everything here is called on its thread unless said, every function given is
// called on it. Messages are hints: what does not fit, or finds no link, is dropped and counted; a
// slow peer costs nobody else anything. It knows no registry: who is a member is told to it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/link/client.h"
#include "common/link/identity.h"
#include "common/link/session.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::links {

struct Peer {
  std::string id;
  mesh::IpAddress mesh_ip;
  std::string node_key;  // 32 bytes
  std::uint16_t port = link::kLinkPort;
};

struct PeerUp {
  std::string id;
  SteadyTime since, last_heard;
};

// Who asks: a node by its proven key; with its id when it is among the peers (a joiner is not yet).
struct Caller {
  std::string key;
  std::optional<std::string> peer_id;
};

struct Reply {
  int status = 200;
  nlohmann::json body;
  Reply(int its_status, nlohmann::json its_body) : status(its_status), body(std::move(its_body)) {}
};

// An empty body comes as null. What it throws is logged and answered with 500. It runs to its end
// although the caller has left; stop() cancels it.
using RequestHandler = std::function<Awaitable<Reply>(Caller, nlohmann::json)>;

// latest_only: a message that still waits is replaced by a newer one of the same type.
enum class Delivery { each, latest_only };
enum class Sent { queued, replaced, peer_down, queue_full, invalid };

struct LinksOptions {
  std::string own_id;
  std::chrono::milliseconds ping_every{5000};
  std::chrono::milliseconds silence{15000};           // after it a link is down
  std::chrono::milliseconds handshake_within{10000};  // connect, TLS, being admitted, hello
  std::chrono::milliseconds first_backoff{100}, last_backoff{2000};
  std::size_t queue_bytes = 1024UL * 1024;     // of messages, a peer
  std::size_t max_body_bytes = 1024UL * 1024;  // of a request or an answer
  std::size_t max_connections = 1024;          // accepted; past it they are closed at once
  std::size_t max_requests = 256;              // running; past it 503
};

// What links need of others.
struct LinksNeeds {
  // The fields of this node's hello but its type: id, cluster, generation, version, protocol.
  std::function<nlohmann::json()> hello;
  // Whether a key that is not among the peers may call; asked once a connection.
  std::function<Awaitable<bool>(std::string key)> is_known;
};

class LinksState;

class Links {
 public:
  Links(asio::io_context& context, link::LinkIdentity identity, LinksOptions options,
        LinksNeeds needs, crypto::Random& random, const Log& log);
  ~Links();  // as stop()
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;

  // To be given before listen() and set_peers().
  void on_hello(std::function<void(const std::string& id, const nlohmann::json& hello)> told);
  void on_up(std::function<void(const std::string& id)> told);  // after its first hello
  void on_down(std::function<void(const std::string& id, const std::string& reason)> told);
  void on_message(std::function<void(const std::string& id, const nlohmann::json& message)> told);
  // Metrics: a message was not sent, "queue_full", or not any more, "peer_down".
  void on_dropped(std::function<void(const std::string& id, const std::string& reason)> told);
  void on_request(std::string path, RequestHandler handler);

  // Listening sockets of port 6002; they stay the caller's and are never closed here.
  // invalid_argument when one does not listen. From any thread.
  Result<void> listen(const std::vector<int>& sockets);

  // All members that should be linked. A link to one that is no longer there is cut with GOAWAY.
  // This node itself, if it is among them, is left out.
  void set_peers(std::vector<Peer> peers);
  std::vector<PeerUp> peers_up() const;  // from any thread, in order of id
  std::size_t connections() const;       // open now, of all kinds

  Sent send(const std::string& id, const nlohmann::json& message,
            Delivery delivery = Delivery::each);
  void broadcast(const nlohmann::json& message, Delivery delivery = Delivery::each);

  // Any status is a value. Errors: unreachable (no link, nothing was sent), timeout and failed (the
  // outcome is unknown), too_large, invalid_argument.
  Awaitable<Result<link::Answer>> call(std::string id, std::string path, nlohmann::json body,
                                       std::chrono::milliseconds timeout);

  // Says goodbye as far as the sockets take it, closes all, cancels what runs. Nothing given is
  // called after it. On the thread of the context, or when that does not run. Idempotent.
  void stop();

 private:
  std::shared_ptr<LinksState> state_;
};

}  // namespace orama::gateway::links
