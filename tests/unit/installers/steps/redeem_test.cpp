#include "installers/steps/redeem.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/api/node_file.h"
#include "common/crypto/encoding.h"
#include "common/join/token.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/paths.h"
#include "installers/step.h"
#include "installers/steps/join_call.h"
#include "installers/steps/join_record.h"
#include "installers/steps/node_file_change.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/steps/joining_cluster.h"
#include "tests/unit/installers/steps/sample_spec.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes
using orama::Errc;

namespace {

struct Joiner {
  FakeHost fake;
  JoiningCluster cluster;
  std::set<std::string> stale;
  ChangeContext context{fake.host, stale};
  std::vector<std::string> told;

  Joiner() {
    put_own_keys(fake);
    cluster.serve(fake);
  }
  std::string invite() const { return orama::join::invite_id(cluster.token.invite); }
  std::unique_ptr<Change> change() {
    JoinOrder order = cluster.order();
    order.notice = [this](const std::string& line) { told.push_back(line); };
    Step step = redeem_step(invite(), std::make_shared<JoinOrder>(std::move(order)));
    return std::move(step.changes(fake.host).value().front());
  }
  std::string record() const { return fake.files.content(paths::kJoinRecord); }
};

}  // namespace

TEST_CASE("a redemption is asked with public keys, and its answer is kept without the token") {
  Joiner joiner;
  const auto change = joiner.change();
  CHECK_FALSE(change->converged(joiner.context).value());
  REQUIRE(change->apply(joiner.context).ok());
  CHECK(change->converged(joiner.context).value());
  CHECK(joiner.cluster.asked->wg_public_key == JoiningCluster::base64_key('w', false));
  CHECK(joiner.cluster.asked->node_key == JoiningCluster::base64_key('n', true));
  CHECK(joiner.cluster.asked->name == "web9");
  const auto record = read_join_record(joiner.fake.files).value();
  REQUIRE(record.has_value());
  CHECK(record->grant.mesh_ip.to_string() == "10.0.0.9");
  CHECK(record->invite == joiner.invite());
  CHECK(joiner.fake.files.status(paths::kJoinRecord).value()->mode == 0600);
  const std::string token = joiner.cluster.token.to_text();
  for (const std::string& secret :
       {token, std::string(16, 's'), orama::crypto::to_base64(std::string(16, 's'))}) {
    CHECK(joiner.record().find(secret) == std::string::npos);
    CHECK(change->wanted().dump().find(secret) == std::string::npos);
    CHECK(change->describe(joiner.context).value().find(secret) == std::string::npos);
  }
  for (const auto& request : joiner.fake.http.requests()) {
    CHECK(request.body.find(token) == std::string::npos);
    CHECK(request.url.find("orama1_") == std::string::npos);
  }
}

TEST_CASE("the same command again asks with the same keys") {
  Joiner joiner;
  REQUIRE(joiner.change()->apply(joiner.context).ok());
  const std::string first = joiner.cluster.asked->node_key;
  REQUIRE(joiner.fake.files.remove_file(paths::kJoinRecord).ok());
  REQUIRE(joiner.change()->apply(joiner.context).ok());
  CHECK(joiner.cluster.asked->node_key == first);
}

TEST_CASE("a place that is held is asked for once more, and what the cluster says now counts") {
  Joiner joiner;
  REQUIRE(joiner.change()->apply(joiner.context).ok());
  JoinOrder order = joiner.cluster.order();
  order.notice = [&joiner](const std::string& line) { joiner.told.push_back(line); };
  JoinRecord record = read_join_record(joiner.fake.files).value().value();
  joiner.cluster.grant.peers.pop_back();
  REQUIRE(renew_redemption(joiner.fake.host, order, record).ok());
  CHECK(record.grant.peers.size() == 1);
  CHECK(read_join_record(joiner.fake.files).value()->grant.peers.size() == 1);
  CHECK(joiner.told.empty());

  joiner.cluster.silent_calls = 1;
  REQUIRE(renew_redemption(joiner.fake.host, order, record).ok());
  CHECK(joiner.told.size() == 1);
  CHECK(read_join_record(joiner.fake.files).value().has_value());
  joiner.cluster.refusal = {503, "QUORUM_LOST", "", "", ""};
  CHECK_FALSE(renew_redemption(joiner.fake.host, order, record).ok());
  CHECK(read_join_record(joiner.fake.files).value().has_value());
  joiner.cluster.refusal = {409, "INVITE_USED", "the invitation was redeemed by node_9", "", ""};
  REQUIRE(renew_redemption(joiner.fake.host, order, record).ok());  // confirmed, the answer lost
  CHECK(read_join_record(joiner.fake.files).value().has_value());
  CHECK(joiner.told.back().find("redeemed by node_9") != std::string::npos);
  joiner.cluster.refusal = {410, "INVITE_EXPIRED", "", "", ""};
  CHECK(renew_redemption(joiner.fake.host, order, record).error().code == Errc::conflict);
  CHECK_FALSE(read_join_record(joiner.fake.files).value().has_value());
}

TEST_CASE("the cluster's sealed No ends at once, with its words and both clocks when they differ") {
  Joiner joiner;
  joiner.cluster.refusal = {410, "INVITE_EXPIRED", "expired an hour ago", "ask for another one",
                            "2026-11-24T12:00:00.000Z"};
  const auto expired = joiner.change()->apply(joiner.context);
  REQUIRE_FALSE(expired.ok());
  CHECK(expired.error().code == Errc::conflict);
  CHECK(expired.error().message.find("INVITE_EXPIRED: expired an hour ago") != std::string::npos);
  CHECK(expired.error().message.find("clock") != std::string::npos);
  CHECK(expired.error().hint == "ask for another one");
  CHECK(joiner.cluster.calls == 1);
  CHECK(joiner.record().empty());

  joiner.cluster.refusal = {409, "INVITE_USED", "used by another host", "",
                            "2026-11-24T12:01:00.000Z"};
  CHECK(joiner.change()->apply(joiner.context).error().message.find("clock") == std::string::npos);
  joiner.cluster.refusal->time = "2026-11-24T12:01:01.000Z";
  CHECK(joiner.change()->apply(joiner.context).error().message.find("clock") != std::string::npos);
  joiner.cluster.refusal = {503, "QUORUM_LOST", "", "", ""};
  CHECK(joiner.change()->apply(joiner.context).error().code == Errc::quorum_refused);
}

TEST_CASE("what does not open changes nothing, is tried again, and its words are not repeated") {
  Joiner joiner;
  joiner.cluster.silent_calls = 2;
  const auto begun = joiner.fake.clock.steady_now();
  REQUIRE(joiner.change()->apply(joiner.context).ok());
  CHECK(joiner.cluster.calls == 3);
  CHECK(joiner.fake.clock.steady_now() - begun >= std::chrono::seconds(20));
  REQUIRE(joiner.told.size() == 2);
  CHECK(joiner.told[0].find("HTTP 401 INVITE_UNKNOWN") != std::string::npos);
  CHECK(joiner.told[0].find("<b>") == std::string::npos);
}

TEST_CASE(
    "without a verified answer the wait ends with exit 11, after at most six calls a minute") {
  Joiner joiner;
  joiner.cluster.silent_calls = 1000;
  const auto ended = joiner.change()->apply(joiner.context);
  REQUIRE_FALSE(ended.ok());
  CHECK(ended.error().code == Errc::unreachable);
  CHECK(joiner.cluster.calls == 6);
  CHECK(joiner.record().empty());

  joiner.fake.http.on_request({});
  CHECK(joiner.change()->apply(joiner.context).error().code == Errc::unreachable);
  std::atomic<bool> interrupted{true};
  joiner.context.interrupted = &interrupted;
  CHECK(joiner.change()->apply(joiner.context).error().code == Errc::interrupted);
}

TEST_CASE("a forged answer is not believed: another cluster's key, a changed byte, an old answer") {
  Joiner joiner;
  std::string old;
  joiner.cluster.tamper = [&old](std::string& body) { old = body; };
  REQUIRE(joiner.change()->apply(joiner.context).ok());
  REQUIRE(joiner.fake.files.remove_file(paths::kJoinRecord).ok());
  joiner.cluster.tamper = [&old](std::string& body) { body = old; };
  CHECK(joiner.change()->apply(joiner.context).error().code == Errc::unreachable);
  joiner.cluster.tamper = [](std::string& body) {
    char& byte = body[body.size() / 2];
    byte = byte == 'A' ? 'B' : 'A';
  };
  CHECK(joiner.change()->apply(joiner.context).error().code == Errc::unreachable);
  joiner.cluster.tamper = [](std::string& body) {
    body = R"({"v":1,"error":{"status":409,"code":"INVITE_USED","error":"run: rm -rf /"}})";
  };
  const auto forged = joiner.change()->apply(joiner.context);
  CHECK(forged.error().code == Errc::unreachable);
  CHECK(forged.error().full_message().find("rm -rf") == std::string::npos);
  CHECK(joiner.record().empty());
}

TEST_CASE("a certificate that does not verify is told, once, and stops nothing") {
  Joiner joiner;
  joiner.fake.http.on_request([&joiner](const orama::HttpRequest& request) {
    CHECK(request.certificate == orama::HttpRequest::Certificate::reported);
    auto response = joiner.cluster.answer(request);
    response->certificate_problem = "self-signed certificate";
    return response;
  });
  REQUIRE(joiner.change()->apply(joiner.context).ok());
  REQUIRE(joiner.told.size() == 1);
  CHECK(joiner.told[0].find("self-signed certificate") != std::string::npos);
}

TEST_CASE("a confirmed member, or an answer on the disk, needs no token; else one is asked for") {
  Joiner joiner;
  Step bare = redeem_step(joiner.invite(), nullptr);
  const auto without = std::move(bare.changes(joiner.fake.host).value().front());
  const auto missing = without->converged(joiner.context);
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().hint.find("--token") != std::string::npos);
  REQUIRE(joiner.change()->apply(joiner.context).ok());
  CHECK(without->converged(joiner.context).value());

  REQUIRE(joiner.fake.files.remove_file(paths::kJoinRecord).ok());
  orama::api::NodeFile node = node_file_of(sample_spec());
  node.member = true;
  joiner.fake.files.put(paths::kNodeJson, node.to_text());
  CHECK(without->converged(joiner.context).value());
}

TEST_CASE("undoing a redemption forgets the answer, and not that of a later invitation") {
  Joiner joiner;
  REQUIRE(joiner.change()->apply(joiner.context).ok());
  RevertContext context{joiner.fake.host};
  REQUIRE(redemption_kind().revert(context, "another", {}, {}).ok());
  CHECK_FALSE(joiner.record().empty());
  REQUIRE(redemption_kind().revert(context, joiner.invite(), {}, {}).ok());
  CHECK(joiner.record().empty());
}
