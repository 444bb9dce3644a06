// The verdict over the checks (http-api.md 9.1): pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/api/status.h"

namespace orama::gateway::health {

enum class Verdict : std::uint8_t { ok, degraded, unhealthy };

// unhealthy: the registry is down. degraded: another counted check is down. Disabled counts as up.
Verdict judge(const api::Checks& checks);

// "ok" for the gateway itself; its clients' side says "healthy" for the same.
std::string_view server_status(Verdict verdict);
std::string_view client_status(Verdict verdict);

// A sentence for each engine beside the registry that is down; none before the first look.
std::vector<std::string> missing_engines(const api::Checks& checks);

// Of the slowest probe, in nanoseconds.
std::int64_t slowest_ns(const api::Checks& checks);
// Of the newest probe.
std::string_view last_checked(const api::Checks& checks);

}  // namespace orama::gateway::health
