#include "gateway/gauges.h"

#include <utility>
#include <vector>

#include "common/api/status.h"
#include "gateway/cluster/cluster_view.h"
#include "gateway/cluster/membership.h"
#include "gateway/health/probes.h"
#include "gateway/metrics/metrics.h"

namespace orama::gateway {
namespace {

using metrics::Sample;

Sample sample(metrics::Labels labels, double value) {
  Sample out;
  out.labels = std::move(labels);
  out.value = value;
  return out;
}

std::vector<Sample> backends_up(const health::Probes& probes) {
  std::vector<Sample> samples;
  const auto checks = probes.checks();
  for (const auto& [name, check] : *checks) {
    if (check.status != "disabled") {
      samples.push_back(sample({{"backend", name}}, check.status == "up" ? 1 : 0));
    }
  }
  return samples;
}

std::vector<Sample> nodes_up(const cluster::ClusterView& view) {
  std::vector<Sample> samples;
  for (const api::Node& node : view.nodes()) {
    if (node.state != "removed" && node.state != "released") {
      samples.push_back(sample({{"node", node.id}}, node.up ? 1 : 0));
    }
  }
  return samples;
}

}  // namespace

void add_gauges(metrics::Metrics& metrics, const cluster::Membership& membership,
                const cluster::ClusterView& view, const health::Probes& probes) {
  metrics.gauge(
      "orama_registry_staleness_seconds",
      "Age of the last successful look at the registry's list of changes.",
      [&membership] { return std::vector<Sample>(1, sample({}, membership.staleness().count())); });
  metrics.gauge("orama_backend_up", "Whether the last probe of the backend succeeded.",
                [&probes] { return backends_up(probes); });
  metrics.gauge("orama_node_up", "Whether the node is seen up from here.",
                [&view] { return nodes_up(view); });
  metrics.gauge("orama_node_last_seen_seconds", "How long ago the node was heard last.", [&view] {
    std::vector<Sample> samples;
    for (const auto& [id, age] : view.last_seen()) {
      samples.push_back(sample({{"node", id}}, age.count()));
    }
    return samples;
  });
}

}  // namespace orama::gateway
