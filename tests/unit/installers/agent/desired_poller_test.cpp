#include "installers/agent/desired_poller.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/http_client.h"
#include "common/log.h"
#include "common/result.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/agent/sample_mesh.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes
using orama::HttpRequest;
using orama::HttpResponse;
using orama::Result;

namespace {

// Waits for a condition with a deadline; the poller has a thread of its own.
template <class Condition>
bool eventually(Condition condition) {
  orama::SystemClock clock;
  const auto deadline = clock.steady_now() + std::chrono::seconds(20);
  while (clock.steady_now() < deadline) {
    if (condition()) {
      return true;
    }
    clock.sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

std::vector<std::string> urls(const FakeHttp& http) {
  std::vector<std::string> all;
  for (const HttpRequest& request : http.requests()) {
    all.push_back(request.url.substr(request.url.find('?')));
  }
  return all;
}

}  // namespace

TEST_CASE("200 is a state, 204 is nothing new, all else is an error") {
  struct Row {
    int status;
    std::string body;
    bool ok, has_state;
  };
  const std::vector<Row> rows = {{200, sample_desired().to_json().dump(), true, true},
                                 {204, "", true, false},
                                 {200, "{", false, false},
                                 {200, "{}", false, false},
                                 {200, "[]", false, false},
                                 {403, "{}", false, false},
                                 {503, "", false, false}};
  for (const Row& row : rows) {
    CAPTURE(row.status);
    CAPTURE(row.body);
    FakeHost fake;
    fake.http.on_request([&row](const HttpRequest&) -> Result<HttpResponse> {
      return HttpResponse{row.status, {}, row.body};
    });
    const auto answer = ask_for_desired(fake.host.http, "/run/orama/admin.sock", 41, nullptr);
    CHECK(answer.ok() == row.ok);
    if (answer.ok()) {
      CHECK(answer->has_value() == row.has_state);
    }
    REQUIRE(fake.http.requests().size() == 1);
    CHECK(fake.http.requests()[0].url == "http://localhost/admin/desired?since=41");
    CHECK(fake.http.requests()[0].unix_socket == "/run/orama/admin.sock");
  }
}

TEST_CASE(
    "the poller asks from the start, then for what is newer, and anew after the gateway was away") {
  FakeHost fake;
  orama::SystemClock clock;
  std::atomic<int> calls{0};
  fake.http.on_request([&](const HttpRequest& request) -> Result<HttpResponse> {
    const int call = ++calls;
    if (call == 1) {
      return HttpResponse{200, {}, sample_desired().to_json().dump()};
    }
    if (call == 2) {
      return orama::make_error(orama::Errc::unreachable, "connection refused");
    }
    while (call >= 3 && !request.cancelled->load()) {  // a long poll that nothing ends but the stop
      clock.sleep_for(std::chrono::milliseconds(1));
    }
    return orama::make_error(orama::Errc::interrupted, "stopped");
  });
  {
    DesiredPoller poller(fake.host.http, clock, "/run/orama/admin.sock", orama::Log::discard());
    std::optional<orama::api::Desired> got;
    REQUIRE(eventually([&] { return (got = poller.take()).has_value(); }));
    CHECK(got->version == 7);
    // Nothing is asked while the last answer is not dealt with.
    clock.sleep_for(std::chrono::milliseconds(250));
    CHECK(calls == 1);
    poller.finished(7, DesiredPoller::Outcome::applied);
    REQUIRE(eventually([&] { return calls >= 3; }));
  }  // the destructor ends the long poll
  const std::vector<std::string> asked = urls(fake.http);
  REQUIRE(asked.size() >= 3);
  CHECK(asked[0] == "?since=0");
  CHECK(asked[1] == "?since=7");
  CHECK(asked[2] == "?since=0");
}

TEST_CASE("a refused state is asked for again, but not at once") {
  FakeHost fake;  // its clock moves only by the poller's own naps
  fake.http.on_request([](const HttpRequest&) -> Result<HttpResponse> {
    return HttpResponse{200, {}, sample_desired().to_json().dump()};
  });
  const orama::SteadyTime begun = fake.clock.steady_now();
  DesiredPoller poller(fake.host.http, fake.clock, "/run/orama/admin.sock", orama::Log::discard());
  REQUIRE(eventually([&] { return poller.take().has_value(); }));
  poller.finished(7, DesiredPoller::Outcome::refused);
  REQUIRE(eventually([&] { return poller.take().has_value(); }));
  CHECK(fake.clock.steady_now() - begun >= std::chrono::seconds(5));
  CHECK(urls(fake.http).at(1) == "?since=0");
}
