#include "gateway/cluster/metered_registry.h"

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/http/awaitable.h"
#include "gateway/metrics/backend_metrics.h"

namespace orama::gateway::cluster {
namespace {

using metrics::BackendMetrics;

BackendMetrics::Result outcome_of(bool ok, Errc code) {
  if (ok || code == Errc::conflict) {  // a constraint is an answer
    return BackendMetrics::Result::ok;
  }
  return code == Errc::timeout ? BackendMetrics::Result::timeout : BackendMetrics::Result::error;
}

}  // namespace

template <class T>
Awaitable<Result<T>> MeteredRegistry::measured(Awaitable<Result<T>> call) {
  const auto before = std::chrono::steady_clock::now();
  Result<T> result = co_await std::move(call);
  const Errc code = result.ok() ? Errc::failed : result.error().code;
  metrics_.observe(outcome_of(result.ok(), code), std::chrono::steady_clock::now() - before);
  co_return result;
}

Awaitable<Result<backends::Rows>> MeteredRegistry::query(backends::Statement statement,
                                                         backends::Consistency consistency) {
  return measured(registry_.query(std::move(statement), consistency));
}

Awaitable<Result<std::vector<std::int64_t>>> MeteredRegistry::execute(
    std::vector<backends::Statement> statements) {
  return measured(registry_.execute(std::move(statements)));
}

Awaitable<Result<void>> MeteredRegistry::ping() {
  return measured(registry_.ping());
}

Awaitable<Result<backends::RegistryState>> MeteredRegistry::state() {
  return measured(registry_.state());
}

}  // namespace orama::gateway::cluster
