// A registry that counts: every call goes to the engine behind it and into the backend metrics.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/backends/registry.h"
#include "gateway/metrics/backend_metrics.h"

namespace orama::gateway::cluster {

class MeteredRegistry final : public backends::Registry {
 public:
  MeteredRegistry(backends::Registry& registry, metrics::Metrics& metrics)
      : registry_(registry), metrics_(metrics, "registry") {}

  std::string_view engine() const override { return registry_.engine(); }
  Awaitable<Result<backends::Rows>> query(backends::Statement statement,
                                          backends::Consistency consistency) override;
  Awaitable<Result<std::vector<std::int64_t>>> execute(
      std::vector<backends::Statement> statements) override;
  Awaitable<Result<void>> ping() override;
  Awaitable<Result<backends::RegistryState>> state() override;

 private:
  template <class T>
  Awaitable<Result<T>> measured(Awaitable<Result<T>> call);

  backends::Registry& registry_;
  metrics::BackendMetrics metrics_;
};

}  // namespace orama::gateway::cluster
