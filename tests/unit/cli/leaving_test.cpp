// Leaving a cluster, by itself and before an uninstall, against a gateway that a test plays.
#include "cli/leaving.h"

#include <atomic>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "cli/output.h"
#include "cli/session.h"
#include "common/api/desired.h"
#include "common/api/node_file.h"
#include "common/api/status.h"
#include "common/http_client.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/paths.h"
#include "tests/support/fake_host.h"

namespace orama::cli {
namespace {

using nlohmann::json;

const json kMath = {{"status", "ok"},    {"id", "node_1"},        {"voters_before", 3},
                    {"voters_after", 2}, {"tolerates_before", 1}, {"tolerates_after", 0}};

HttpResponse reply(int status, const json& body) {
  HttpResponse response;
  response.status = status;
  response.body = body.dump();
  return response;
}

json refusal(const char* code) {
  return {{"error", "the words of the gateway"}, {"code", code}, {"hint", "its hint"}};
}

// A member node1 whose gateway answers as told.
struct Member {
  tests::FakeHost fake;
  std::ostringstream out, err;
  Output output{out, err, {}};
  Caller caller{
      .root = true, .reads_admin = true, .host_name = "node1", .program = "orama", .words = {}};
  std::atomic<bool> interrupted{false};
  Session session{output, fake.host, caller, interrupted, [](const std::vector<std::string>&) {
                    return make_error(Errc::failed, "a test does not become another program");
                  }};
  std::vector<HttpResponse> answers;  // to POST /admin/leave, one after the other
  std::string own_state = "ready";
  bool alone = false, silent = false;
  int leaves = 0;

  Member() {
    api::NodeFile node;
    node.id = "node_1";
    node.name = "node1";
    node.mesh_cidr = *mesh::Cidr::parse("10.0.0.0/24");
    node.mesh_ip = *mesh::IpAddress::parse("10.0.0.1");
    node.domain = "node1.example.com";
    node.base_domain = "example.com";
    node.cluster_id = "cluster_1";
    node.public_addresses = {*mesh::IpAddress::parse("203.0.113.11")};
    node.founded = true;
    fake.files.put(installers::paths::kNodeJson, node.to_text());
    fake.http.on_request([this](const HttpRequest& request) { return answer(request); });
  }
  Result<HttpResponse> answer(const HttpRequest& request) {
    if (silent) {
      return make_error(Errc::unreachable, "no such socket");
    }
    if (request.method == "POST") {
      REQUIRE(request.url.ends_with("/admin/leave"));
      CHECK(json::parse(request.body) == json{{"plan", false}});
      REQUIRE(static_cast<std::size_t>(leaves) < answers.size());
      return answers[static_cast<std::size_t>(leaves++)];
    }
    json nodes = json::array({node("node_1", own_state)});
    if (!alone) {
      nodes.push_back(node("node_2", "ready"));
    }
    return reply(200, {{"nodes", nodes}, {"count", nodes.size()}});
  }
  static json node(const std::string& id, const std::string& state) {
    api::Node node;
    node.id = node.name = id;
    node.mesh_ip = "10.0.0.1";
    node.wg_public_key = "k";
    node.state = state;
    return node.to_json();
  }
  void save_peer() {
    api::Desired desired;
    desired.mesh_cidr = "10.0.0.0/24";
    desired.self = {"node_1", "node1", "10.0.0.1", true, "ready"};
    desired.peers = {{"node_2", "node2", "10.0.0.2", "k", {}}};
    fake.files.put(installers::paths::kSavedDesired, desired.to_json().dump());
  }
};

TEST_CASE("an uninstall leaves first, and waits while the vote is handed over") {
  Member m;
  m.answers = {reply(504, refusal("BACKEND_TIMEOUT")), reply(503, refusal("BACKEND_UNAVAILABLE")),
               reply(200, kMath)};
  const auto said = leave_before_uninstall(m.session, LeaveFirst::yes);
  REQUIRE(said.ok());
  CHECK(said->find("has left its cluster") != std::string::npos);
  CHECK(said->find("3 now, 2 after") != std::string::npos);
  CHECK(m.leaves == 3);
}

TEST_CASE("an uninstall that would break the registry is refused, with the way around it") {
  Member m;
  m.answers = {reply(409, refusal("QUORUM_WOULD_BREAK"))};
  const auto said = leave_before_uninstall(m.session, LeaveFirst::yes);
  REQUIRE_FALSE(said.ok());
  CHECK(said.error().code == Errc::quorum_refused);
  CHECK(said.error().message.find("nothing was uninstalled") != std::string::npos);
  CHECK(said.error().message.find("the words of the gateway") != std::string::npos);
  CHECK(said.error().hint.find("--no-leave") != std::string::npos);
}

TEST_CASE("where it cannot leave, or is told not to, what to type elsewhere is said") {
  const auto says_row = [](const Result<std::string>& said) {
    REQUIRE(said.ok());
    CHECK(said->find("sudo orama node remove node1 --yes") != std::string::npos);
  };
  Member told;
  says_row(leave_before_uninstall(told.session, LeaveFirst::no));
  CHECK(told.leaves == 0);
  Member lost;  // out of touch from the beginning: one call, no waiting
  lost.answers = {reply(503, refusal("BACKEND_UNAVAILABLE"))};
  says_row(leave_before_uninstall(lost.session, LeaveFirst::yes));
  CHECK(lost.leaves == 1);
  Member silent;
  silent.silent = true;
  silent.save_peer();
  says_row(leave_before_uninstall(silent.session, LeaveFirst::yes));
}

TEST_CASE("who has nobody to leave says nothing") {
  Member alone;
  alone.alone = true;
  CHECK(leave_before_uninstall(alone.session, LeaveFirst::yes).value().empty());
  Member silent;
  silent.silent = true;  // and no peer was ever saved
  CHECK(leave_before_uninstall(silent.session, LeaveFirst::yes).value().empty());
  Member bare;
  REQUIRE(bare.fake.files.remove_file(installers::paths::kNodeJson).ok());
  CHECK(leave_before_uninstall(bare.session, LeaveFirst::yes).value().empty());
  Member removed;
  removed.own_state = "removed";
  CHECK(leave_before_uninstall(removed.session, LeaveFirst::yes)->find("already") !=
        std::string::npos);
  CHECK(removed.leaves == 0);
}

TEST_CASE("a leave that does not come to its end is given up after a minute") {
  Member m;
  m.answers.assign(200, reply(504, refusal("BACKEND_TIMEOUT")));
  const auto left = leave_cluster(m.session);
  REQUIRE_FALSE(left.ok());
  CHECK(left.error().code == Errc::timeout);
  CHECK(m.leaves > 100);
  CHECK(m.leaves < 125);
}

}  // namespace
}  // namespace orama::cli
