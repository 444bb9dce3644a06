#include "gateway/health/health.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "common/api/status.h"

namespace orama::gateway::health {
namespace {

api::Check check(const std::string& status, bool counted) {
  api::Check out;
  out.status = status;
  out.counted = counted;
  return out;
}

TEST_CASE("the verdict over the checks") {
  struct Case {
    api::Checks checks;
    Verdict verdict;
    std::string_view server, client;
  };
  const std::vector<Case> cases = {
      {{{"registry", check("up", true)}}, Verdict::ok, "ok", "healthy"},
      {{{"registry", check("up", true)}, {"cache", check("down", true)}},
       Verdict::degraded,
       "degraded",
       "degraded"},
      {{{"registry", check("up", true)}, {"mesh", check("down", false)}},
       Verdict::ok,
       "ok",
       "healthy"},
      {{{"registry", check("up", true)}, {"cache", check("disabled", true)}},
       Verdict::ok,
       "ok",
       "healthy"},
      {{{"registry", check("down", true)}, {"cache", check("up", true)}},
       Verdict::unhealthy,
       "unhealthy",
       "unhealthy"},
      {{}, Verdict::unhealthy, "unhealthy", "unhealthy"},
  };
  for (const Case& c : cases) {
    CHECK(judge(c.checks) == c.verdict);
    CHECK(server_status(judge(c.checks)) == c.server);
    CHECK(client_status(judge(c.checks)) == c.client);
  }
}

TEST_CASE("what is missing of the engines is said once it was looked at") {
  api::Checks checks = {{"registry", check("down", true)},
                        {"cache", check("down", true)},
                        {"storage", check("up", true)},
                        {"mesh", check("down", false)}};
  checks["registry"].trouble = "the membership speaks of it";
  checks["cache"].engine = "olric";
  checks["cache"].since = "2026-11-24T10:00:00.000Z";
  CHECK(missing_engines(checks).empty());  // not looked at yet
  checks["cache"].trouble = "no answer from 10.0.0.1:3320: Connection refused";
  CHECK(missing_engines(checks) ==
        std::vector<std::string>{"cache: olric is down since 2026-11-24T10:00:00.000Z: no answer "
                                 "from 10.0.0.1:3320: Connection refused"});
}

TEST_CASE("the slowest and the newest probe") {
  api::Check fast = check("up", true);
  fast.latency_ms = 0.5;
  fast.checked_at = "2026-11-24T10:00:00.000Z";
  api::Check slow = check("up", true);
  slow.latency_ms = 2.25;
  slow.checked_at = "2026-11-24T09:59:59.999Z";
  const api::Checks checks = {{"a", fast}, {"b", slow}, {"c", check("down", true)}};
  CHECK(slowest_ns(checks) == 2'250'000);
  CHECK(last_checked(checks) == "2026-11-24T10:00:00.000Z");
  CHECK(slowest_ns({}) == 0);
}

}  // namespace
}  // namespace orama::gateway::health
