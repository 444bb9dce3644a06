// Calls over links, of peers and of a joiner's installer; queues and limits.
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <nlohmann/json.hpp>

#include "common/link/client.h"
#include "common/link/session.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/http/awaitable.h"
#include "gateway/links/links.h"
#include "tests/unit/common/link/session_pair.h"
#include "tests/unit/gateway/links/node_bench.h"

namespace orama::gateway::links {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using link::Answer;
using link::testing::identity;
using nlohmann::json;
using testing::Bench;
using testing::hello_of;
using testing::LoopbackSocket;
using testing::Node;
using testing::RawPeer;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>,
                                         asio::io_context::executor_type>;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<asio::io_context::executor_type>());

Awaitable<Reply> echo(Caller caller, json body) {
  json said{{"peer", caller.peer_id.value_or("none")}, {"body", std::move(body)}};
  Reply reply(200, std::move(said));
  co_return reply;
}

Awaitable<Reply> fail(Caller /*caller*/, json /*body*/) {
  throw std::runtime_error("a defect");
  co_return Reply(200, json());
}

// Waits until it is cancelled; `running` counts those that wait.
Awaitable<Reply> hang(asio::io_context& context, std::shared_ptr<int> running) {
  Timer timer(context, 1h);
  ++*running;
  co_await timer.async_wait(kAwait);
  --*running;
  Reply reply(200, json());
  co_return reply;
}

using Outcome = std::shared_ptr<std::optional<Result<Answer>>>;

Awaitable<void> keep(Links& links, std::string id, std::string path, json body,
                     std::chrono::milliseconds timeout, Outcome outcome) {
  Result<Answer> answer =
      co_await links.call(std::move(id), std::move(path), std::move(body), timeout);
  *outcome = std::move(answer);
}

Outcome begin(Bench& bench, Node& from, const std::string& id, const std::string& path, json body,
              std::chrono::milliseconds timeout = 5s) {
  auto outcome = std::make_shared<std::optional<Result<Answer>>>();
  spawn(bench.context, "call", keep(from.links, id, path, std::move(body), timeout, outcome),
        Log::discard());
  return outcome;
}

Result<Answer> ask(Bench& bench, Node& from, const std::string& id, const std::string& path,
                   json body = nullptr, std::chrono::milliseconds timeout = 5s) {
  const Outcome outcome = begin(bench, from, id, path, std::move(body), timeout);
  REQUIRE(bench.wait([&] { return outcome->has_value(); }));
  return std::move(**outcome);
}

struct Two {
  Bench bench;
  LoopbackSocket at_a, at_b;
  Node a, b;
  std::shared_ptr<int> running = std::make_shared<int>(0);

  explicit Two(LinksOptions options = Node::quick())
      : a(bench.context, 'a', at_a, options), b(bench.context, 'b', at_b, options) {
    for (Node* node : {&a, &b}) {
      node->links.on_request("/v1/echo", &echo);
      node->links.on_request("/v1/fail", &fail);
      node->links.on_request("/v1/hang",
                             [this](Caller, json) { return hang(bench.context, running); });
    }
    a.links.set_peers({bench.peer('b', at_b.port())});
    b.links.set_peers({bench.peer('a', at_a.port())});
    REQUIRE(bench.wait([this] {
      return a.is_up("b") && b.is_up("a") && a.links.connections() == 1 &&
             b.links.connections() == 1;
    }));
  }
};

// What an installer does, on its own thread, while the gateways run.
Result<Answer> installer_call(Bench& bench, const LoopbackSocket& at, const std::string& path,
                              const json& body, char member = 'a') {
  link::LinkClient::Options options;
  options.address = *mesh::IpAddress::parse("127.0.0.1");
  options.port = at.port();
  options.peer_key = identity(member).public_key();
  std::optional<Result<Answer>> answer;
  std::atomic<bool> done = false;
  std::thread installer([&] {
    answer = link::LinkClient(identity('j'), options).call(path, body, 5s);
    done = true;
  });
  CHECK(bench.wait([&] { return done.load(); }));
  installer.join();
  return std::move(*answer);
}

// A peer of `node` that says hello and can then be stopped.
std::unique_ptr<RawPeer> greeted_peer(Bench& bench, Node& node, const LoopbackSocket& at) {
  auto raw = std::make_unique<RawPeer>('r', at.port());
  bench.also.emplace_back([peer = raw.get()] { peer->pump(); });
  REQUIRE(bench.wait([&] { return !raw->heard.peer_key.empty(); }));
  raw->open_messages();
  json hello = hello_of("r");
  hello["type"] = "hello";
  raw->say(hello);
  REQUIRE(bench.wait([&] { return node.is_up("r"); }));
  return raw;
}

}  // namespace

TEST_CASE("calls go both ways; the side that did not dial uses a connection of its own") {
  Two two;
  const auto from_a = ask(two.bench, two.a, "b", "/v1/echo", {{"x", 1}});
  REQUIRE(from_a.ok());
  CHECK(from_a->status == 200);
  CHECK(json::parse(from_a->body) == json{{"peer", "a"}, {"body", {{"x", 1}}}});
  CHECK(two.a.links.connections() == 1);  // a is the lower id: the link is its own
  for (int i = 0; i < 3; ++i) {
    const auto from_b = ask(two.bench, two.b, "a", "/v1/echo", {{"x", 2}});
    REQUIRE(from_b.ok());
    CHECK(json::parse(from_b->body) == json{{"peer", "b"}, {"body", {{"x", 2}}}});
    CHECK(two.b.links.connections() == 2);
  }
  CHECK(two.a.down.empty());
  CHECK(two.b.down.empty());
}

TEST_CASE("calls that cannot be answered say why") {
  Two two;
  const auto unknown = ask(two.bench, two.a, "b", "/v1/none");
  REQUIRE(unknown.ok());
  CHECK(unknown->status == 404);
  const auto failed = ask(two.bench, two.a, "b", "/v1/fail");
  REQUIRE(failed.ok());
  CHECK(failed->status == 500);
  CHECK(failed->body.find("defect") == std::string::npos);
  const auto nobody = ask(two.bench, two.a, "z", "/v1/echo");
  REQUIRE(!nobody.ok());
  CHECK(nobody.error().code == Errc::unreachable);
  const auto late = ask(two.bench, two.a, "b", "/v1/hang", nullptr, 50ms);
  REQUIRE(!late.ok());
  CHECK(late.error().code == Errc::timeout);
  CHECK(two.a.is_up("b"));
}

TEST_CASE("a body at the limit is answered, one past it is too large") {
  LinksOptions options = Node::quick();
  options.max_body_bytes = 1000;
  Two two(options);
  // Quotes count; the answer repeats the body and is larger: hence the path that is not there.
  const auto fits = ask(two.bench, two.a, "b", "/v1/none", std::string(998, 'x'));
  REQUIRE(fits.ok());
  CHECK(fits->status == 404);
  const auto larger = ask(two.bench, two.a, "b", "/v1/none", std::string(999, 'x'));
  REQUIRE(!larger.ok());
  CHECK(larger.error().code == Errc::too_large);
  const auto answer = ask(two.bench, two.a, "b", "/v1/echo", std::string(998, 'x'));
  REQUIRE(!answer.ok());
  CHECK(answer.error().code == Errc::too_large);
  CHECK(two.a.is_up("b"));
}

TEST_CASE("no more requests run at once than the limit says") {
  LinksOptions options = Node::quick();
  options.max_requests = 2;
  Two two(options);
  const Outcome first = begin(two.bench, two.a, "b", "/v1/hang", nullptr);
  const Outcome second = begin(two.bench, two.a, "b", "/v1/hang", nullptr);
  REQUIRE(two.bench.wait([&] { return *two.running == 2; }));
  const auto third = ask(two.bench, two.a, "b", "/v1/hang");
  REQUIRE(third.ok());
  CHECK(third->status == 503);
  CHECK(!first->has_value());
  CHECK(!second->has_value());
}

TEST_CASE("stop cancels what runs and ends what waits") {
  Two two;
  const Outcome waiting = begin(two.bench, two.a, "b", "/v1/hang", nullptr, 1h);
  REQUIRE(two.bench.wait([&] { return *two.running == 1; }));
  SUBCASE("of the one that answers") {
    two.b.links.stop();
    REQUIRE(two.bench.wait([&] { return waiting->has_value() && *two.running == 0; }));
    CHECK((*waiting)->error().code == Errc::failed);
  }
  SUBCASE("of the one that asks") {
    two.a.links.stop();
    REQUIRE(two.bench.wait([&] { return waiting->has_value(); }));
    CHECK((*waiting)->error().code == Errc::failed);
    CHECK(two.a.links.connections() == 0);
    const auto after = ask(two.bench, two.a, "b", "/v1/echo");
    REQUIRE(!after.ok());
    CHECK(after.error().code == Errc::unreachable);
  }
}

TEST_CASE("an installer calls with a key that the registry knows, and with no other") {
  Two two;
  two.a.knows_strangers = true;
  const auto answer = installer_call(two.bench, two.at_a, "/v1/echo", {{"roles", {"relay"}}});
  REQUIRE(answer.ok());
  CHECK(answer->status == 200);
  CHECK(json::parse(answer->body)["peer"] == "none");
  CHECK(two.a.asked_about_keys == 1);

  two.a.knows_strangers = false;
  const auto refused = installer_call(two.bench, two.at_a, "/v1/echo", nullptr);
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == Errc::not_allowed);
  CHECK(refused.error().message.find("not known here") != std::string::npos);
  CHECK(two.a.asked_about_keys == 2);

  const auto other = installer_call(two.bench, two.at_a, "/v1/echo", nullptr, 'b');
  REQUIRE(!other.ok());
  CHECK(other.error().code == Errc::not_allowed);
  CHECK(two.a.is_up("b"));
}

TEST_CASE("a peer that stops reading fills its own queue and nobody else's") {
  LinksOptions options = Node::quick();
  options.ping_every = 50ms;
  options.silence = 3s;
  Two two(options);
  const LoopbackSocket nobody;
  two.a.links.set_peers({two.bench.peer('b', two.at_b.port()), two.bench.peer('r', nobody.port())});
  const auto raw = greeted_peer(two.bench, two.a, two.at_a);
  raw->stopped = true;
  const json large{{"type", "large"}, {"x", std::string(200UL * 1024, 'x')}};
  std::size_t sent = 0;
  Sent last = Sent::queued;
  while (last == Sent::queued && sent < 200) {  // the kernel takes some megabytes
    last = two.a.links.send("r", large);
    REQUIRE(two.a.links.send("b", large) == Sent::queued);
    ++sent;
    REQUIRE(two.bench.wait([&] { return two.b.messages["a"].size() == sent; }));
  }
  CHECK(last == Sent::queue_full);
  CHECK(two.a.dropped["queue_full"] == 1);
  // A report still finds room, and only the newest of them waits.
  CHECK(two.a.links.send("r", {{"type", "report"}, {"n", 1}}, Delivery::latest_only) ==
        Sent::queued);
  CHECK(two.a.links.send("r", {{"type", "report"}, {"n", 2}}, Delivery::latest_only) ==
        Sent::replaced);
  REQUIRE(two.bench.wait([&] { return !two.a.is_up("r"); }));
  CHECK(two.a.down_reason["r"] == "silent for 3000 ms");
  CHECK(two.a.dropped["peer_down"] > 0);
  CHECK(two.a.is_up("b"));
}

TEST_CASE("a slow peer gets the newest report once it reads again") {
  Two two;
  const LoopbackSocket nobody;
  two.a.links.set_peers({two.bench.peer('b', two.at_b.port()), two.bench.peer('r', nobody.port())});
  const auto raw = greeted_peer(two.bench, two.a, two.at_a);
  raw->stopped = true;
  const json large{{"type", "large"}, {"x", std::string(200UL * 1024, 'x')}};
  for (int i = 0; i < 200 && two.a.links.send("r", large) == Sent::queued; ++i) {
    two.bench.run_for(1ms);
  }
  for (int i = 1; i <= 5; ++i) {
    two.a.links.send("r", {{"type", "report"}, {"n", i}}, Delivery::latest_only);
  }
  raw->stopped = false;
  const auto tail = [&] {
    const std::string& all = raw->heard.data[raw->messages];
    return all.find(R"({"n":5,"type":"report"})") != std::string::npos;
  };
  REQUIRE(two.bench.wait(tail));
  CHECK(raw->heard.data[raw->messages].find(R"({"n":1,)") == std::string::npos);
  CHECK(two.a.is_up("r"));
}

TEST_CASE("connections past the limit are closed at once") {
  LinksOptions options = Node::quick();
  options.max_connections = 2;
  Bench bench;
  const LoopbackSocket at_a;
  Node a(bench.context, 'a', at_a, options);
  const LoopbackSocket first(at_a.port());
  const LoopbackSocket second(at_a.port());
  REQUIRE(bench.wait([&] { return a.links.connections() == 2; }));
  const LoopbackSocket third(at_a.port());
  char byte = 0;
  REQUIRE(bench.wait([&] { return ::recv(third.get(), &byte, 1, MSG_DONTWAIT) == 0; }));
  CHECK(::recv(second.get(), &byte, 1, MSG_DONTWAIT) < 0);
  CHECK(a.links.connections() == 2);
}

TEST_CASE("who connects and says nothing is closed after the handshake's time") {
  LinksOptions options = Node::quick();
  options.handshake_within = 50ms;
  options.ping_every = 50ms;
  Bench bench;
  const LoopbackSocket at_a;
  Node a(bench.context, 'a', at_a, options);
  const LoopbackSocket silent(at_a.port());
  REQUIRE(bench.wait([&] { return a.links.connections() == 1; }));
  CHECK(bench.wait([&] { return a.links.connections() == 0; }));
}

TEST_CASE("only listening sockets are accepted on") {
  Bench bench;
  const LoopbackSocket at_a;
  Node a(bench.context, 'a', at_a);
  const LoopbackSocket connected(at_a.port());
  const auto refused = a.links.listen({connected.get()});
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == Errc::invalid_argument);
}

}  // namespace orama::gateway::links
