// `orama invite` against a gateway that a test plays.
#include <atomic>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "common/http_client.h"
#include "common/result.h"
#include "tests/support/fake_host.h"

namespace orama::cli {
namespace {

using nlohmann::json;

struct Terminal {
  tests::FakeHost fake;
  std::ostringstream out, err;
  Output output{out, err, {}};
  Caller caller{
      .root = true, .reads_admin = true, .host_name = "node1", .program = "orama", .words = {}};
  std::atomic<bool> interrupted{false};
  Session session{output, fake.host, caller, interrupted, [](const std::vector<std::string>&) {
                    return make_error(Errc::failed, "a test does not become another program");
                  }};

  void answer(int status, const json& body) {
    fake.http.on_request([status, body](const HttpRequest&) -> Result<HttpResponse> {
      HttpResponse response;
      response.status = status;
      response.body = body.dump();
      return response;
    });
  }
};

Arguments flags(std::map<std::string, std::vector<std::string>, std::less<>> given) {
  Arguments arguments;
  arguments.flags = std::move(given);
  return arguments;
}

const json kInvite = {{"id", "AQIDBAUGBwg"},
                      {"token", "orama1_secret"},
                      {"expires_at", "2026-11-24T13:00:00Z"},
                      {"join_url", "https://node1.example.com"}};

TEST_CASE("invite prints the whole command, until when it holds and how to revoke it") {
  Terminal terminal;
  terminal.answer(201, kInvite);
  const auto report =
      run_invite(terminal.session, flags({{"--ttl", {"30m"}}, {"--note", {"for bob"}}}));
  REQUIRE(report.ok());
  CHECK(report->text.find("sudo orama install --join https://node1.example.com --token "
                          "orama1_secret --vps-ip auto") != std::string::npos);
  CHECK(report->text.find("sudo apt install ./orama_") != std::string::npos);
  CHECK(report->text.find("2026-11-24T13:00:00Z") != std::string::npos);
  CHECK(report->text.find("orama invite revoke AQIDBAUGBwg") != std::string::npos);
  CHECK(report->data.at("token") == "orama1_secret");
  const auto requests = terminal.fake.http.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].method == "POST");
  CHECK(json::parse(requests[0].body) == json{{"ttl", "30m"}, {"note", "for bob"}});
}

TEST_CASE("a QR code is drawn by a program that gets the command on its standard input") {
  Terminal terminal;
  terminal.answer(201, kInvite);
  const auto without = run_invite(terminal.session, flags({{"--qr", {}}}));
  REQUIRE_FALSE(without.ok());
  CHECK(without.error().hint.find("qrencode") != std::string::npos);
  terminal.fake.commands.on("qrencode -t UTF8 -o -", "##  ##\n");
  const auto drawn = run_invite(terminal.session, flags({{"--qr", {}}}));
  REQUIRE(drawn.ok());
  CHECK(drawn->text.find("##  ##") != std::string::npos);
  for (const std::string& call : terminal.fake.commands.calls()) {
    CHECK(call.find("orama1_") == std::string::npos);
  }
}

TEST_CASE("the time an invitation holds is judged at its limits") {
  for (const char* good : {"1m", "24h", "60s"}) {
    CHECK(check_invite(flags({{"--ttl", {good}}})).ok());
  }
  for (const char* bad : {"59s", "24h1s", "0", "-1h", "x", ""}) {
    CAPTURE(bad);
    CHECK(check_invite(flags({{"--ttl", {bad}}})).error().code == Errc::invalid_argument);
  }
}

TEST_CASE("the list shows what is open, and all on request") {
  Terminal terminal;
  json used = kInvite;
  used["state"] = "joined";
  used["id"] = "used";
  json open = kInvite;
  open["state"] = "pending";
  terminal.answer(200, {{"invites", {open, used}}, {"count", 2}});
  const auto some = run_invite_list(terminal.session, {});
  REQUIRE(some.ok());
  CHECK(some->text.find("AQIDBAUGBwg") != std::string::npos);
  CHECK(some->text.find("used ") == std::string::npos);
  CHECK(some->text.find("--all") != std::string::npos);
  const auto all = run_invite_list(terminal.session, flags({{"--all", {}}}));
  CHECK(all->data.at("invites").size() == 2);
}

TEST_CASE("the gateway's own words and hint reach the operator") {
  Terminal terminal;
  Arguments arguments;
  arguments.words = {"AQIDBAUGBwg"};
  terminal.answer(409, {{"error", "it is redeemed"}, {"hint", "orama node remove"}});
  const auto refused = run_invite_revoke(terminal.session, arguments);
  CHECK(refused.error().code == Errc::conflict);
  CHECK(refused.error().message == "it is redeemed");
  CHECK(refused.error().hint == "orama node remove");
  terminal.answer(200, {{"status", "ok"}, {"id", "AQIDBAUGBwg"}});
  CHECK(run_invite_revoke(terminal.session, arguments).ok());
  CHECK(terminal.fake.http.requests().back().method == "DELETE");
  arguments.words = {"../nodes"};
  CHECK_FALSE(check_invite_revoke(arguments).ok());
  CHECK_FALSE(check_invite_revoke({}).ok());
  Terminal nobody;
  CHECK(run_invite(nobody.session, {}).error().hint == "orama status");
}

}  // namespace
}  // namespace orama::cli
