// Two gateways of one cluster, on loopback addresses of their own, with one registry between them;
// and a joiner's installer that calls one of them.
#include "gateway/cluster/member_links.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/random.h"
#include "common/link/client.h"
#include "common/link/identity.h"
#include "common/link/session.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/backends/sqlite_registry.h"
#include "gateway/cluster/cluster_view.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/migrations.h"
#include "gateway/cluster/peer_reports.h"
#include "gateway/cluster/seal_board.h"
#include "tests/support/run_awaitable.h"
#include "tests/support/temporary_folder.h"

namespace orama::gateway::cluster {
namespace {

using namespace std::chrono_literals;
using backends::SqliteRegistry;
using backends::Statement;
using backends::Value;
using nlohmann::json;
using tests::run;

// A range that no other test process uses at this moment.
std::string range_of_this_process() {
  const auto pid = static_cast<unsigned>(::getpid());
  return "127." + std::to_string(64 + pid % 128) + "." + std::to_string(pid / 128 % 256) + ".";
}

int listen_on(const mesh::IpAddress& address) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(link::kLinkPort);
  where.sin_addr.s_addr = htonl(address.v4());
  const int on = 1;
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0);
  REQUIRE(::listen(fd, 16) == 0);
  return fd;
}

struct Node {
  std::string id;
  mesh::IpAddress address;
  crypto::KeyPair key;
  OwnNode own;
  SqliteRegistry registry;
  Membership membership;
  SealBoard seals;
  PeerReports peers;
  MemberLinks links;
  int socket;

  Node(asio::io_context& context, const Clock& clock, crypto::Random& random,
       const std::string& file, std::string its_id, const std::string& its_address,
       crypto::KeyPair its_key)
      : id(std::move(its_id)),
        address(mesh::IpAddress::parse(its_address).value()),
        key(std::move(its_key)),
        own{id, id, its_address, "", "cluster_a", "example.com", "0.1.0", true},
        registry(file, id),
        membership(context, registry, clock, Log::discard(), {5ms}),
        seals(context),
        peers(clock),
        links({context, registry, membership, seals, peers, own, clock, random, Log::discard()},
              link::LinkIdentity::from_seed(key.private_key).value()),
        socket(listen_on(address)) {
    REQUIRE(links.listen({socket}).ok());
    membership.on_change([this] { links.membership_changed(); });
    membership.start();
  }
  ~Node() { ::close(socket); }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  std::string state_of(const std::string& node) const {
    for (const NodeRow& row : membership.state()->nodes) {
      if (row.id == node) {
        return row.state;
      }
    }
    return "";
  }
};

struct Scene {
  tests::TemporaryFolder folder;
  asio::io_context context;
  SystemClock clock;
  crypto::SystemRandom random;
  std::string range = range_of_this_process();
  crypto::KeyPair key_b = crypto::make_ed25519(random);
  std::unique_ptr<Node> a, b;

  Scene() {
    SqliteRegistry registry(folder.file("r.sqlite"), "node_a");
    REQUIRE(run(context, migrate(&registry, embedded_migrations())).ok());
    crypto::KeyPair key_a = crypto::make_ed25519(random);
    std::vector<Statement> rows;
    rows.emplace_back(
        "INSERT INTO cluster (one, id, name, base_domain, mesh_cidr, generation, created_at) "
        "VALUES "
        "(1, 'cluster_a', 'example.com', 'example.com', ?, 1, 0)",
        std::vector<Value>{Value(range + "0/24")});
    rows.push_back(row("node_a", range + "1", key_a, "ready"));
    rows.push_back(row("node_b", range + "2", key_b, "redeemed"));
    REQUIRE(run(context, registry.execute(std::move(rows))).ok());
    a = std::make_unique<Node>(context, clock, random, folder.file("r.sqlite"), "node_a",
                               range + "1", std::move(key_a));
    REQUIRE(wait([&] { return a->state_of("node_b") == "redeemed"; }));
  }
  ~Scene() {
    for (const auto* node : {&a, &b}) {
      if (*node) {
        (*node)->links.stop();
      }
    }
    context.restart();
    context.run_for(50ms);  // what was posted runs; nothing runs any more when its owners go
  }
  static Statement row(const std::string& id, const std::string& address,
                       const crypto::KeyPair& key, const std::string& state) {
    return Statement(
        "INSERT INTO nodes (id, name, mesh_ip, wg_public_key, node_key, endpoints, roles, state, "
        "voter, changed_at) VALUES (?, ?, ?, ?, ?, '[]', '[\"nameserver\"]', ?, 0, 0)",
        {Value(id), Value(id), Value(address), Value("wg of " + id),
         Value(crypto::to_base64(key.public_key)), Value(state)});
  }
  bool wait(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < until) {
      context.restart();
      context.run_one_for(20ms);
    }
    return condition();
  }
  // A call of an installer to node a, from a thread of its own.
  Result<link::Answer> call(
      const crypto::KeyPair& key, const std::string& path,
      const std::function<void()>& meanwhile = [] {}) {
    link::LinkClient::Options options;
    options.address = a->address;
    options.peer_key = a->key.public_key;
    const link::LinkClient client(link::LinkIdentity::from_seed(key.private_key).value(), options);
    auto answer =
        std::async(std::launch::async, [&] { return client.call(path, json::object(), 15000ms); });
    REQUIRE(wait([&] {
      meanwhile();
      return answer.wait_for(0s) == std::future_status::ready;
    }));
    return answer.get();
  }
};

TEST_CASE("a joiner gets the secrets that the agent sealed, and no others") {
  Scene s;
  const auto sealed = s.call(s.key_b, "/v1/secrets", [&] {
    const auto wanted = s.a->seals.wanted();
    if (!wanted.empty()) {
      CHECK(wanted.front().id == "node_b");
      CHECK(wanted.front().node_key == crypto::to_base64(s.key_b.public_key));
      CHECK(wanted.front().roles == std::vector<std::string>{"nameserver"});
      CHECK_FALSE(s.a->seals.deliver("node_c", "x"));
      CHECK(s.a->seals.deliver("node_b", "for b only"));
    }
  });
  REQUIRE(sealed.ok());
  CHECK(sealed->status == 200);
  CHECK(json::parse(sealed->body).at("sealed") == crypto::to_base64("for b only"));
  CHECK(s.a->seals.wanted().empty());
}

TEST_CASE("a stranger's key is refused, and so is a removed node's") {
  Scene s;
  const crypto::KeyPair stranger = crypto::make_ed25519(s.random);
  const auto refused = s.call(stranger, "/v1/secrets");
  CHECK(refused.error().code == Errc::not_allowed);
  std::vector<Statement> gone;
  gone.emplace_back("UPDATE nodes SET state = 'removed' WHERE id = 'node_b'");
  gone.emplace_back("INSERT INTO changes (at, kind, id) VALUES (1, 'node', 'node_b')");
  REQUIRE(run(s.context, s.a->registry.execute(std::move(gone))).ok());
  REQUIRE(s.wait([&] { return s.a->state_of("node_b") == "removed"; }));
  CHECK(s.call(s.key_b, "/v1/confirm").error().code == Errc::not_allowed);
}

TEST_CASE("a confirmed node is ready, linked, and its reports arrive") {
  Scene s;
  const auto confirmed = s.call(s.key_b, "/v1/confirm");
  REQUIRE(confirmed.ok());
  CHECK(confirmed->status == 200);
  CHECK(s.call(s.key_b, "/v1/confirm")->status == 200);
  const auto released = s.call(s.key_b, "/v1/release");
  CHECK(released->status == 409);
  CHECK(json::parse(released->body).at("hint") == "orama node remove node_b");
  REQUIRE(s.wait([&] { return s.a->state_of("node_b") == "ready"; }));

  s.b = std::make_unique<Node>(s.context, s.clock, s.random, s.folder.file("r.sqlite"), "node_b",
                               s.range + "2", s.key_b);
  REQUIRE(s.wait([&] { return s.a->peers.of("node_b").up && s.b->peers.of("node_a").up; }));
  CHECK(s.a->peers.of("node_b").version == "0.1.0");
  api::Actual actual;
  actual.version = 7;
  actual.time = "2026-11-28T00:00:00Z";
  s.b->links.tell_report(actual);
  REQUIRE(s.wait([&] { return s.a->peers.of("node_b").report.has_value(); }));
  CHECK(s.a->peers.of("node_b").report->actual.version == 7);
  s.b->links.stop();
  CHECK(s.wait([&] { return !s.a->peers.of("node_b").up; }));
}

TEST_CASE("a released node's time is over, and that may be said twice") {
  Scene s;
  CHECK(s.call(s.key_b, "/v1/release")->status == 200);
  REQUIRE(s.wait([&] { return s.a->state_of("node_b") == "released"; }));
  CHECK(s.call(s.key_b, "/v1/confirm").error().code == Errc::not_allowed);
}

}  // namespace
}  // namespace orama::gateway::cluster
