#include "gateway/cluster/join_key.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/clock.h"
#include "common/crypto/box.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/random.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/join_key_sweep.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/node_changes.h"
#include "gateway/cluster/redemption.h"
#include "tests/support/run_awaitable.h"
#include "tests/unit/gateway/cluster/founded_cluster.h"

namespace orama::gateway::cluster {
namespace {

using namespace std::chrono_literals;
using tests::FoundedCluster;
using tests::run;

// A member with an identity of its own, and what its gateway makes of the registry.
struct Member {
  crypto::KeyPair identity;
  std::string id;
  JoinKey keys;

  Member(const crypto::KeyPair& key, std::string its_id, const crypto::KeyPair& genesis)
      : identity(key),
        id(std::move(its_id)),
        keys({id, genesis, crypto::x25519_of_identity(key.private_key).value(), Log::discard()}) {}

  std::string public_key(const MembershipState& state) {
    keys.follow(state);
    const auto now = keys.current();
    return now ? crypto::to_base64(now->public_key) : std::string();
  }
};

struct Cluster : FoundedCluster {
  crypto::SystemRandom random;
  crypto::KeyPair genesis = crypto::make_x25519(random);
  std::string genesis_key = crypto::to_base64(genesis.public_key);

  // Replaces the identity of the founding node, whose secret half nobody here has.
  Member founder() {
    const crypto::KeyPair key = crypto::make_ed25519(random);
    std::vector<backends::Statement> set;
    set.emplace_back("UPDATE nodes SET node_key = ? WHERE id = 'node_a'",
                     std::vector<backends::Value>{crypto::to_base64(key.public_key)});
    REQUIRE(run(context, registry.execute(std::move(set))).ok());
    return Member(key, "node_a", genesis);
  }
  Member join(const std::string& host) {
    const crypto::KeyPair key = crypto::make_ed25519(random);
    invite(host);
    Redemption wish = request(host, host);
    wish.node_key = crypto::to_base64(key.public_key);
    const auto redeemed = std::get<Redeemed>(redeem(wish));
    REQUIRE(run(context, confirm_node(&registry, {redeemed.node_id, wish.node_key, ++now})).ok());
    return Member(key, redeemed.node_id, genesis);
  }
  // As an operator's word at a member, with a key of its making; as a leave, with none.
  void remove(const std::string& id, std::optional<crypto::KeyPair> key) {
    SealedJoinKey sealed;
    if (key) {
      sealed = seal_join_key(*key, state(), id, Log::discard());
    }
    REQUIRE(run(context, remove_node(&registry, id, std::move(sealed), ++now)).ok());
  }
};

TEST_CASE(
    "the key of genesis stands until a node is removed; then all that stay have the new one") {
  Cluster c;
  Member a = c.founder(), b = c.join("node2"), gone = c.join("node3");
  for (Member* member : {&a, &b, &gone}) {
    CHECK_FALSE(member->keys.current());  // the registry was not read yet
    CHECK(member->public_key(c.state()) == c.genesis_key);
  }
  const crypto::KeyPair fresh = crypto::make_x25519(c.random);
  c.remove(gone.id, fresh);
  const std::string key = crypto::to_base64(fresh.public_key);
  CHECK(a.public_key(c.state()) == key);
  CHECK(b.public_key(c.state()) == key);
  CHECK(b.keys.current()->private_key.reveal() == fresh.private_key.reveal());
  CHECK(gone.public_key(c.state()).empty());
  // Nor from a copy of the registry: there is none for it, and the others' do not open.
  for (const NodeRow& node : c.state().nodes) {
    CHECK((node.id == gone.id) == node.join_key_copy.empty());
    if (!node.join_key_copy.empty()) {
      const auto box = crypto::from_base64(node.join_key_copy).value();
      const auto thief = crypto::x25519_of_identity(gone.identity.private_key).value();
      CHECK_FALSE(crypto::open_sealed(thief, box).ok());
    }
  }
}

TEST_CASE("a second removal's key takes the first one's place") {
  Cluster c;
  Member a = c.founder(), b = c.join("node2"), d = c.join("node3");
  const crypto::KeyPair first = crypto::make_x25519(c.random);
  c.remove(d.id, first);
  CHECK(a.public_key(c.state()) == crypto::to_base64(first.public_key));
  const crypto::KeyPair second = crypto::make_x25519(c.random);
  c.remove(b.id, second);
  CHECK(a.public_key(c.state()) == crypto::to_base64(second.public_key));
  CHECK(b.public_key(c.state()).empty());
}

TEST_CASE("a copy that is not this node's, or of another key, is not used") {
  Cluster c;
  Member a = c.founder(), gone = c.join("node2");
  c.remove(gone.id, crypto::make_x25519(c.random));
  MembershipState state = c.state();
  const auto own = std::find_if(state.nodes.begin(), state.nodes.end(),
                                [](const NodeRow& node) { return node.id == "node_a"; });
  REQUIRE(own != state.nodes.end());
  const std::string copy = own->join_key_copy;
  own->join_key_copy = "AAAA";
  CHECK(a.public_key(state).empty());
  own->join_key_copy = copy;
  const std::string real = *state.join_key;
  state.join_key = c.genesis_key;
  CHECK(a.public_key(state).empty());
  state.join_key = real;
  CHECK(a.public_key(state) == real);
}

// A member's sweep, over a membership that follows the registry.
struct Sweeping {
  Cluster& c;
  Member& member;
  SystemClock clock;
  Membership membership{c.context, c.registry, clock, Log::discard(), {5ms}};
  JoinKeySweep sweep;

  Sweeping(Cluster& cluster, Member& its_member, std::chrono::milliseconds turn)
      : c(cluster),
        member(its_member),
        sweep({c.context, c.registry, membership, member.keys, clock, c.random, Log::discard(),
               member.id, 5ms, turn}) {
    membership.on_change([this] {
      if (membership.state()->cluster) {
        member.keys.follow(*membership.state());
      }
    });
    membership.start();
    sweep.start();
  }
  bool wait(const std::function<bool()>& condition, std::chrono::milliseconds within = 20s) {
    const auto until = std::chrono::steady_clock::now() + within;
    while (!condition() && std::chrono::steady_clock::now() < until) {
      c.context.restart();
      c.context.run_one_for(5ms);
    }
    return condition();
  }
};

TEST_CASE("after a leave a member that stays makes the key, and hands it to who comes later") {
  Cluster c;
  Member a = c.founder(), b = c.join("node2"), left = c.join("node3");
  c.remove(left.id, std::nullopt);
  CHECK(c.state().join_key == "");
  CHECK(a.public_key(c.state()).empty());  // nobody is let in with the old one meanwhile
  Sweeping sweeping(c, a, 20s);
  REQUIRE(sweeping.wait([&] { return !a.public_key(c.state()).empty(); }));
  const std::string key = *c.state().join_key;
  CHECK(key != c.genesis_key);
  CHECK(b.public_key(c.state()) == key);
  Member late = c.join("node4");
  REQUIRE(sweeping.wait([&] { return late.public_key(c.state()) == key; }));
  CHECK(without_copy(c.state()).empty());
}

TEST_CASE("whoever is down loses its turn") {
  Cluster c;
  Member a = c.founder(), b = c.join("node2"), left = c.join("node3");
  c.remove(left.id, std::nullopt);
  Sweeping second(c, b, 300ms);  // node_a comes before it and does nothing
  CHECK_FALSE(second.wait([&] { return c.state().join_key != ""; }, 100ms));
  REQUIRE(second.wait([&] { return c.state().join_key != ""; }));
  CHECK(a.public_key(c.state()) == b.public_key(c.state()));
}

}  // namespace
}  // namespace orama::gateway::cluster
