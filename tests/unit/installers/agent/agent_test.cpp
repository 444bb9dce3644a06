#include "installers/agent/agent.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/crypto/encoding.h"
#include "common/http_client.h"
#include "common/json.h"
#include "common/log.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"
#include "installers/agent/service_notifier.h"
#include "installers/host/host.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/agent/fake_mesh_device.h"
#include "tests/unit/installers/agent/sample_mesh.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes
using orama::HttpRequest;
using orama::HttpResponse;
using orama::Result;

namespace {

class FakeNotifier final : public ServiceNotifier {
 public:
  void ready(const std::string& status) override {
    status_ = status;
    ready_ = true;
  }
  void status(const std::string&) override {}
  void alive() override { ++beats_; }
  void stopping() override { stopping_ = true; }

  std::atomic<bool> ready_{false}, stopping_{false};
  std::atomic<int> beats_{0};
  std::string status_;  // read after ready_
};

struct Node {
  FakeHost fake;
  FakeIp ip{fake.commands};
  FakeMeshDevice device;
  FakeNotifier notifier;
  orama::SystemClock clock;
  Host host{fake.commands, fake.files, fake.systemd, fake.http, clock, fake.random};
  std::atomic<unsigned> index{4};
  std::atomic<bool> stop{false};
  std::atomic<int> task_runs{0};
  AgentOptions options;
  std::optional<Result<void>> ended;
  std::thread thread;

  Node() {
    fake.files.put("/var/lib/orama/agent/node.json", sample_node_json(true));
    fake.files.put("/etc/orama/secrets/wireguard.key",
                   orama::crypto::to_base64(sample_private_key().reveal()) + "\n");
    options.interface_index = [this] { return index.load(); };
    options.tasks = {{"count", [this]() -> Result<void> {
                        ++task_runs;
                        return {};
                      }}};
  }

  void start() {
    thread = std::thread([this] {
      ended = run_agent(host, device, notifier, orama::Log::discard(), options, stop);
    });
  }

  template <class Condition>
  bool eventually(Condition condition) {
    const auto deadline = clock.steady_now() + std::chrono::seconds(20);
    while (clock.steady_now() < deadline) {
      if (condition()) {
        return true;
      }
      clock.sleep_for(std::chrono::milliseconds(2));
    }
    return false;
  }

  ~Node() {
    stop = true;
    if (thread.joinable()) {
      thread.join();
    }
  }
};

// A gateway that has `desired` once and then nothing new; keeps what is posted.
struct FakeGateway {
  std::string desired;
  std::atomic<bool> given{false};
  std::atomic<int> reports{0};
  std::atomic<std::int64_t> reported_version{-1};

  void attach(Node& node) {
    node.fake.http.on_request([this, &node](const HttpRequest& request) -> Result<HttpResponse> {
      if (request.method == "POST") {
        const auto actual = orama::api::Actual::from_json(orama::parse_json(request.body).value());
        reported_version = actual.ok() ? actual->version : -2;
        ++reports;
        return HttpResponse{200, {}, "{}"};
      }
      if (!given.exchange(true)) {
        return HttpResponse{200, {}, desired};
      }
      while (!request.cancelled->load()) {
        node.clock.sleep_for(std::chrono::milliseconds(1));
      }
      return orama::make_error(orama::Errc::interrupted, "stopped");
    });
  }
};

}  // namespace

TEST_CASE("the agent is ready once orama0 has its address, without gateway or saved state") {
  Node node;
  node.start();
  REQUIRE(node.eventually([&] { return node.notifier.ready_.load(); }));
  CHECK(node.notifier.status_ == "orama0 has 10.0.0.1");
  CHECK(node.device.state().public_key == sample_identity().public_key);
  REQUIRE(node.eventually([&] { return node.task_runs > 0; }));
}

TEST_CASE("it is not ready while there is no interface, and is alive all the same") {
  Node node;
  node.index = 0;
  node.start();
  REQUIRE(node.eventually([&] { return node.notifier.beats_ > 2; }));
  CHECK_FALSE(node.notifier.ready_.load());
  node.index = 4;
  REQUIRE(node.eventually([&] { return node.notifier.ready_.load(); }));
}

TEST_CASE("a boot starts from the saved state; a saved state of another node is not used") {
  Node node;
  node.fake.files.put("/var/lib/orama/agent/desired.json", sample_desired().to_json().dump());
  node.start();
  REQUIRE(node.eventually([&] { return node.notifier.ready_.load(); }));
  CHECK(node.device.state().peers.size() == 2);

  Node other;
  orama::api::Desired foreign = sample_desired();
  foreign.self.id = "node_other";
  other.fake.files.put("/var/lib/orama/agent/desired.json", foreign.to_json().dump());
  other.start();
  REQUIRE(other.eventually([&] { return other.notifier.ready_.load(); }));
  CHECK(other.device.state().peers.empty());
}

TEST_CASE("a new wireguard-go is set up again, by itself") {
  Node node;
  node.start();
  REQUIRE(node.eventually([&] { return node.notifier.ready_.load(); }));
  node.device.restart();
  node.index = 9;
  REQUIRE(node.eventually(
      [&] { return node.device.state().public_key == sample_identity().public_key; }));
}

TEST_CASE("the gateway's desired state is applied, saved and reported back") {
  FakeGateway gateway;  // outlives the node's threads
  Node node;
  gateway.desired = sample_desired().to_json().dump();
  gateway.attach(node);
  node.start();
  REQUIRE(node.eventually([&] { return gateway.reported_version == 7; }));
  CHECK(node.device.state().peers.size() == 2);
  CHECK(node.fake.files.exists("/var/lib/orama/agent/desired.json"));
}

TEST_CASE("a stop ends it and leaves the interface as it is") {
  Node node;
  node.start();
  REQUIRE(node.eventually([&] { return node.notifier.ready_.load(); }));
  node.stop = true;
  node.thread.join();
  CHECK(node.ended->ok());
  CHECK(node.notifier.stopping_.load());
  CHECK(node.ip.address == "10.0.0.1/24");
  CHECK_FALSE(node.device.state().public_key.empty());
}

TEST_CASE("without node.json or key it does not start, and says which") {
  struct Row {
    const char* path;
    const char* content;
    const char* named;
  };
  for (const Row& row : {Row{"/var/lib/orama/agent/node.json", "{", "node.json"},
                         Row{"/etc/orama/secrets/wireguard.key", "not base64!\n", "wireguard.key"},
                         Row{"/etc/orama/secrets/wireguard.key", "YWJj\n", ""}}) {
    CAPTURE(row.path);
    Node node;
    node.fake.files.put(row.path, row.content);
    const auto ended = run_agent(node.host, node.device, node.notifier, orama::Log::discard(),
                                 node.options, node.stop);
    REQUIRE_FALSE(ended.ok());
    CHECK(ended.error().full_message().find(row.named) != std::string::npos);
    CHECK(ended.error().full_message().find("YWJj") == std::string::npos);
  }
}
