#include "gateway/health/health.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/api/status.h"

namespace orama::gateway::health {
namespace {

constexpr double kNsPerMs = 1e6;

}  // namespace

Verdict judge(const api::Checks& checks) {
  const auto registry = checks.find("registry");
  if (registry == checks.end() || registry->second.status == "down") {
    return Verdict::unhealthy;
  }
  const bool degraded = std::any_of(checks.begin(), checks.end(), [](const auto& entry) {
    return entry.second.counted && entry.second.status == "down";
  });
  return degraded ? Verdict::degraded : Verdict::ok;
}

std::string_view server_status(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::degraded:
      return "degraded";
    case Verdict::unhealthy:
      return "unhealthy";
  }
  return "unhealthy";
}

std::string_view client_status(Verdict verdict) {
  return verdict == Verdict::ok ? "healthy" : server_status(verdict);
}

std::vector<std::string> missing_engines(const api::Checks& checks) {
  std::vector<std::string> sentences;
  for (const auto& [name, check] : checks) {
    if (name != "registry" && check.counted && check.status == "down" && !check.trouble.empty()) {
      sentences.push_back(name + ": " + check.engine + " is down since " + check.since + ": " +
                          check.trouble);
    }
  }
  return sentences;
}

std::int64_t slowest_ns(const api::Checks& checks) {
  double slowest = 0;
  for (const auto& [name, check] : checks) {
    slowest = std::max(slowest, check.latency_ms.value_or(0));
  }
  return static_cast<std::int64_t>(slowest * kNsPerMs);
}

std::string_view last_checked(const api::Checks& checks) {
  std::string_view newest;
  for (const auto& [name, check] : checks) {
    newest = std::max(newest, std::string_view(check.checked_at));  // all in one form, in UTC
  }
  return newest;
}

}  // namespace orama::gateway::health
