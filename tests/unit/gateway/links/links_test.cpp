// Links of several gateways in one process: who is linked with whom, and what ends a link.
#include "gateway/links/links.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "tests/unit/gateway/links/node_bench.h"

namespace orama::gateway::links {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using testing::Bench;
using testing::hello_of;
using testing::LoopbackSocket;
using testing::Node;
using testing::RawPeer;

// a and b, each knows the other.
struct Two {
  Bench bench;
  LoopbackSocket at_a, at_b;
  Node a, b;

  explicit Two(LinksOptions options = Node::quick())
      : a(bench.context, 'a', at_a, options), b(bench.context, 'b', at_b, options) {}
  void introduce() {
    a.links.set_peers({bench.peer('b', at_b.port())});
    b.links.set_peers({bench.peer('a', at_a.port())});
  }
  bool are_linked() {
    return bench.wait([this] { return a.is_up("b") && b.is_up("a"); });
  }
  // The spare connection of the pair, if both had dialed, is gone.
  bool are_settled() {
    return bench.wait([this] { return a.links.connections() == 1 && b.links.connections() == 1; });
  }
};

}  // namespace

TEST_CASE("three nodes are linked, hear each other, lose one and find it again") {
  Bench bench;
  const LoopbackSocket at_a;
  const LoopbackSocket at_b;
  const LoopbackSocket at_c;
  const std::vector<Peer> all = {bench.peer('a', at_a.port()), bench.peer('b', at_b.port()),
                                 bench.peer('c', at_c.port())};
  Node a(bench.context, 'a', at_a);
  auto b = std::make_unique<Node>(bench.context, 'b', at_b);
  Node c(bench.context, 'c', at_c);
  for (Node* node : {&a, b.get(), &c}) {
    node->links.set_peers(all);  // with itself, which is left out
  }
  const auto complete = [&] {
    return a.links.peers_up().size() == 2 && b->links.peers_up().size() == 2 &&
           c.links.peers_up().size() == 2;
  };
  REQUIRE(bench.wait(complete));
  CHECK(a.hellos["b"]["cluster"] == "c1");
  CHECK(a.links.peers_up()[0].id == "b");
  CHECK(a.links.peers_up()[1].id == "c");

  CHECK(a.links.send("b", {{"type", "hint"}, {"seq", 1}}) == Sent::queued);
  CHECK(a.links.send("b", {{"type", "hint"}, {"seq", 2}}) == Sent::queued);
  c.links.broadcast({{"type", "revoked"}});
  REQUIRE(bench.wait([&] {
    return b->messages["a"].size() == 2 && b->messages["c"].size() == 1 &&
           a.messages["c"].size() == 1;
  }));
  CHECK(b->messages["a"][0]["seq"] == 1);
  CHECK(b->messages["a"][1]["seq"] == 2);
  CHECK(c.messages.empty());

  b.reset();
  REQUIRE(bench.wait([&] { return !a.is_up("b") && !c.is_up("b"); }));
  CHECK(a.down_reason["b"].find("the gateway stops") != std::string::npos);
  CHECK(a.is_up("c"));
  CHECK(a.links.send("b", {{"type", "hint"}}) == Sent::peer_down);
  CHECK(a.dropped["peer_down"] == 1);

  b = std::make_unique<Node>(bench.context, 'b', at_b);
  b->links.set_peers(all);
  CHECK(bench.wait(complete));
  CHECK(a.downs("c") == 0);
  CHECK(a.ups("b") == 2);
}

TEST_CASE("of two connections of a pair the one that the lower id opened stays, with no break") {
  for (int i = 0; i < 20; ++i) {
    Two two;
    two.introduce();
    two.a.links.on_up([&](const std::string& id) {
      two.a.up.push_back(id);
      two.a.links.send(id, {{"type", "first"}});
    });
    REQUIRE(two.are_linked());
    REQUIRE(two.are_settled());
    REQUIRE(two.bench.wait([&] { return two.b.messages["a"].size() == 1; }));
    CHECK(two.a.ups("b") == 1);
    CHECK(two.b.ups("a") == 1);
    CHECK(two.a.down.empty());
    CHECK(two.b.down.empty());
    CHECK(two.a.dropped.empty());
  }
}

TEST_CASE("a link is made when only one of both can dial") {
  Two two;
  const auto only = [&](Node& node, char other) {
    node.links.set_peers({two.bench.peer(other, other == 'a' ? two.at_a.port() : two.at_b.port())});
  };
  const LoopbackSocket nobody;
  SUBCASE("the lower") {
    only(two.a, 'b');
    two.b.links.set_peers({two.bench.peer('a', nobody.port())});
  }
  SUBCASE("the higher") {
    only(two.b, 'a');
    two.a.links.set_peers({two.bench.peer('b', nobody.port())});
  }
  CHECK(two.are_linked());
}

TEST_CASE("a peer that is no member any more is cut off and told so") {
  Two two;
  two.introduce();
  REQUIRE(two.are_linked());
  two.a.links.set_peers({});
  CHECK(two.a.downs("b") == 1);
  CHECK(!two.a.is_up("b"));
  REQUIRE(two.bench.wait([&] { return !two.b.is_up("a"); }));
  CHECK(two.b.down_reason["a"].find("no member any more") != std::string::npos);
  two.bench.run_for(100ms);  // b dials on, and is refused each time
  CHECK(!two.b.is_up("a"));
  CHECK(two.a.asked_about_keys > 0);
  two.introduce();
  CHECK(two.are_linked());
}

TEST_CASE("an address at which another node answers is no link") {
  Bench bench;
  const LoopbackSocket at_a;
  const LoopbackSocket at_c;
  Node a(bench.context, 'a', at_a);
  Node c(bench.context, 'c', at_c);
  const LoopbackSocket nobody;
  c.links.set_peers({bench.peer('a', nobody.port())});
  a.links.set_peers({bench.peer('b', at_c.port()), bench.peer('c', nobody.port())});
  bench.run_for(200ms);
  CHECK(a.links.peers_up().empty());
  CHECK(c.links.peers_up().empty());
}

TEST_CASE("a hello with the id of another node closes the link") {
  Two two;
  two.b.says_it_is = "c";
  two.introduce();
  bool told = false;
  two.bench.also.emplace_back([&] { told = told || two.b.ups("a") > 0; });
  two.bench.run_for(200ms);
  CHECK(two.a.up.empty());
  CHECK(two.a.hellos.empty());
  CHECK(!two.a.is_up("b"));
  two.b.says_it_is = "b";
  CHECK(two.are_linked());
}

TEST_CASE("a first message that is no hello, or no message at all, closes the link") {
  Bench bench;
  const LoopbackSocket at_a;
  Node a(bench.context, 'a', at_a);
  const LoopbackSocket nobody;
  a.links.set_peers({bench.peer('r', nobody.port())});
  RawPeer raw('r', at_a.port());
  bench.also.emplace_back([&raw] { raw.pump(); });
  REQUIRE(bench.wait([&] { return !raw.heard.peer_key.empty(); }));
  raw.open_messages();
  SUBCASE("no hello") {
    raw.say({{"type", "hint"}});
    REQUIRE(bench.wait([&] { return raw.is_closed(); }));
    CHECK(raw.heard.goaway == "the first message was no hello");
  }
  SUBCASE("no message") {
    raw.heard.session->send(raw.messages, std::string("\xff\xff\xff\xff", 4));
    REQUIRE(bench.wait([&] { return raw.is_closed(); }));
    CHECK(raw.heard.goaway.find("at most 262144") != std::string::npos);
  }
  CHECK(a.up.empty());
  CHECK(a.messages.empty());
}

TEST_CASE("a second connection of the same node takes the place of its first") {
  Bench bench;
  const LoopbackSocket at_a;
  Node a(bench.context, 'a', at_a);
  const LoopbackSocket nobody;
  a.links.set_peers({bench.peer('r', nobody.port())});
  RawPeer first('r', at_a.port());
  bench.also.emplace_back([&first] { first.pump(); });
  const auto greet = [&bench](RawPeer& raw) {
    REQUIRE(bench.wait([&] { return !raw.heard.peer_key.empty(); }));
    raw.open_messages();
    nlohmann::json hello = hello_of("r");
    hello["type"] = "hello";
    raw.say(hello);
  };
  greet(first);
  REQUIRE(bench.wait([&] { return a.ups("r") == 1; }));
  RawPeer second('r', at_a.port());
  bench.also.emplace_back([&second] { second.pump(); });
  greet(second);
  REQUIRE(bench.wait([&] { return a.ups("r") == 2 && first.is_closed(); }));
  CHECK(a.downs("r") == 1);
  CHECK(a.is_up("r"));
  second.say({{"type", "hint"}});
  CHECK(bench.wait([&] { return a.messages["r"].size() == 1; }));
}

TEST_CASE("silence takes a link down, heartbeats keep it up") {
  LinksOptions options = Node::quick();
  options.ping_every = 20ms;
  options.silence = 200ms;
  Two two(options);
  two.introduce();
  REQUIRE(two.are_linked());
  const SteadyTime before = two.a.links.peers_up()[0].last_heard;
  two.bench.run_for(600ms);
  CHECK(two.a.down.empty());
  CHECK(two.b.down.empty());
  CHECK(two.a.links.peers_up()[0].last_heard - before > 300ms);

  RawPeer raw('r', two.at_a.port());
  const LoopbackSocket nobody;
  two.a.links.set_peers({two.bench.peer('b', two.at_b.port()), two.bench.peer('r', nobody.port())});
  two.bench.also.emplace_back([&raw] { raw.pump(); });
  REQUIRE(two.bench.wait([&] { return !raw.heard.peer_key.empty(); }));
  raw.open_messages();
  nlohmann::json hello = hello_of("r");
  hello["type"] = "hello";
  raw.say(hello);
  REQUIRE(two.bench.wait([&] { return two.a.is_up("r"); }));
  raw.stopped = true;
  REQUIRE(two.bench.wait([&] { return !two.a.is_up("r"); }));
  CHECK(two.a.down_reason["r"] == "silent for 200 ms");
  CHECK(two.a.is_up("b"));
}

TEST_CASE("a peer that comes and goes 200 times leaves nothing behind") {
  Bench bench;
  const LoopbackSocket at_a;
  const LoopbackSocket at_b;
  Node a(bench.context, 'a', at_a);
  a.links.set_peers({bench.peer('b', at_b.port())});
  for (int i = 0; i < 200; ++i) {
    Node b(bench.context, 'b', at_b);
    b.links.set_peers({bench.peer('a', at_a.port())});
    if (i % 4 == 0) {
      REQUIRE(bench.wait([&] { return a.is_up("b") && b.is_up("a"); }));
      b.links.broadcast({{"type", "hint"}});
      a.links.broadcast({{"type", "hint"}});
    } else {
      const auto steps = static_cast<std::size_t>(i);  // in the middle of a handshake
      for (std::size_t step = 0; step < steps; ++step) {
        bench.context.restart();
        bench.context.poll_one();
      }
    }
  }
  REQUIRE(bench.wait([&] { return !a.is_up("b"); }));
  a.links.set_peers({});
  CHECK(bench.wait([&] { return a.links.connections() == 0; }));
  CHECK(a.up.size() == a.down.size());
}

TEST_CASE("what an owner's function throws does not harm the link") {
  Two two;
  int heard = 0;
  two.b.links.on_message([&heard](const std::string&, const nlohmann::json& message) {
    ++heard;
    static_cast<void>(message.at("missing"));
  });
  two.introduce();
  REQUIRE(two.are_linked());
  two.a.links.send("b", {{"type", "hint"}});
  two.a.links.send("b", {{"type", "hint"}});
  CHECK(two.bench.wait([&] { return heard == 2; }));
  CHECK(two.b.is_up("a"));
}

TEST_CASE("peers may be set, and links stopped, from inside of what links tell") {
  Two two;
  SUBCASE("no peers any more") {
    two.b.links.on_message(
        [&two](const std::string&, const nlohmann::json&) { two.b.links.set_peers({}); });
  }
  SUBCASE("stop") {
    two.b.links.on_message(
        [&two](const std::string&, const nlohmann::json&) { two.b.links.stop(); });
  }
  two.introduce();
  REQUIRE(two.are_linked());
  two.a.links.send("b", {{"type", "hint"}});
  two.a.links.send("b", {{"type", "hint"}});
  CHECK(two.bench.wait([&] { return two.b.links.peers_up().empty() && !two.a.is_up("b"); }));
}

}  // namespace orama::gateway::links
