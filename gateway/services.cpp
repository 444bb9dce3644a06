#include "gateway/services.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/api/desired.h"
#include "common/api/status.h"
#include "common/build_info.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/cluster/desired_board.h"
#include "gateway/cluster/membership.h"
#include "gateway/config.h"
#include "gateway/credentials.h"
#include "gateway/gauges.h"
#include "gateway/health/health.h"
#include "gateway/health/routes.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/route.h"
#include "gateway/metrics/metrics.h"
#include "gateway/metrics/process_metrics.h"
#include "gateway/middleware/access_log.h"
#include "gateway/routes.h"
#include "gateway/wiring.h"

namespace orama::gateway {
namespace {

std::string joined(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) {
    text += (text.empty() ? "" : "; ") + sentence;
  }
  return text;
}

std::vector<std::string_view> operations(const http::RouteTable& routes) {
  std::vector<std::string_view> operations;
  operations.reserve(routes.size());
  for (const http::Route& route : routes) {
    operations.push_back(route.operation_id);
  }
  return operations;
}

}  // namespace

Services::Services(Config configuration, Log its_log, std::unique_ptr<middleware::AccessLog> access)
    : config(std::move(configuration)),
      log(std::move(its_log)),
      access_log(std::move(access)),
      workers(config.http.threads, log),
      files(1),
      engine(make_registry(config, workers, log)),
      registry(*engine, metrics),
      membership(workers.context(0), registry, clock, log, {}),
      registry_watch(workers.context(0), registry, log),
      database(make_database(config, workers, log)),
      database_watch(
          database ? std::make_unique<cluster::RegistryWatch>(workers.context(0), *database, log)
                   : nullptr),
      desired(config.state_folder + "/desired.json", log),
      report(clock),
      peers(clock),
      view(own_node(config), {membership, desired, report, peers, registry_watch, clock}),
      seals(workers.context(0)),
      join_key({config.node.id, load_join_key(config, log), load_identity_box_key(config, log),
                log.named("join")}),
      join_key_sweep({workers.context(0), registry, membership, join_key, clock, random,
                      log.named("join"), config.node.id}),
      endpoint_watch({workers.context(0), registry, membership, report, peers, clock,
                      log.named("endpoints"), config.node.id, config.node.mesh_cidr}),
      leave({registry, membership, registry_watch, clock, log.named("leave"), config.node.id,
             [this] { return pipeline.public_requests(); }, config.drain_within,
             std::chrono::seconds(7), database_watch.get()}),
      join({registry, membership, desired, report, view, clock, random, log.named("join"),
            join_key}),
      join_sweep(workers.context(0), registry, membership, clock, log, config.join_confirm_within),
      probes(workers.context(0), clock,
             make_probes(config, registry, workers.context(0), engine_identities, log), log),
      health_parts{probes,
                   clock,
                   build_info(),
                   clock.wall_now(),
                   clock.steady_now(),
                   [this] { return network(); },
                   [this] { return membership.touch()->in_touch; },
                   [this] { return is_leaving(); }},
      cluster_parts{registry,
                    membership,
                    desired,
                    report,
                    view,
                    clock,
                    log.named("cluster"),
                    config.node.mesh_cidr,
                    [this](api::AdminStatus& status) { health::complete(health_parts, status); },
                    [this](const api::Actual& actual) {
                      if (links) {
                        links->tell_report(actual);
                      }
                    }},
      join_parts{registry,
                 membership,
                 join,
                 seals,
                 clock,
                 random,
                 log.named("join"),
                 config.node.id,
                 "https://" + config.node.domain},
      node_parts{registry,
                 membership,
                 view,
                 registry_watch,
                 clock,
                 random,
                 log.named("nodes"),
                 config.node.mesh_cidr,
                 leave,
                 database_watch.get()},
      http_metrics(metrics, operations(all_routes(health_parts, cluster_parts, join_parts,
                                                  node_parts, metrics))),
      pipeline(pipeline_options(config, workers.count()),
               all_routes(health_parts, cluster_parts, join_parts, node_parts, metrics),
               {authenticator, http_metrics, *access_log, clock, random}, log),
      server(server_options(), workers, pipeline, log),
      heartbeat(contexts_of(workers)) {
  add_gauges();
  make_links();
  membership.on_change([this] { membership_changed(); });
  membership.on_announce([this] {
    if (links) {
      links->hint();
    }
  });
  seals.on_change([this] { publish_desired(); });
}

void Services::add_gauges() {
  metrics::add_build_info(metrics, std::string(build_info().version),
                          std::string(build_info().commit));
  metrics::add_process_metrics(metrics);
  gateway::add_gauges(metrics, membership, view, probes);
  metrics.gauge("orama_http_connections", "Open connections.", [this] {
    metrics::Sample open;
    open.value = static_cast<double>(server.connections());
    return std::vector<metrics::Sample>(1, open);
  });
  metrics.read_counter("orama_log_lines_dropped_total", "Lines of the access log not written.",
                       [this] {
                         metrics::Sample dropped;
                         dropped.value = static_cast<double>(access_log->dropped_lines());
                         return std::vector<metrics::Sample>(1, dropped);
                       });
}

void Services::make_links() {
  auto identity = load_link_identity(config, log);
  if (identity) {
    links.emplace(cluster::MemberLinks::Parts{workers.context(0), registry, membership, seals,
                                              peers, view.own(), clock, random, log.named("links")},
                  std::move(*identity));
  }
}

void Services::start_background() {
  membership.start();
  registry_watch.start();
  if (database_watch) {
    database_watch->start();
  }
  probes.start();
  join_sweep.start();
  join_key_sweep.start();
  endpoint_watch.start();
}

void Services::membership_changed() {
  probes.poke();  // so that health follows within milliseconds, not within its interval
  registry_watch.poke();
  if (database_watch) {
    database_watch->poke();
  }
  if (membership.state()->cluster) {
    join_key.follow(*membership.state());
    join_key_sweep.poke();
  }
  publish_desired();
  if (links) {
    links->membership_changed();
  }
}

void Services::publish_desired() {
  const auto state = membership.state();
  // A registry that holds another cluster, or lost this node, changes nothing here.
  if (!state->cluster || state->cluster->id != config.cluster.id) {
    return;
  }
  auto next = cluster::derive_desired(*state, config.node.id);
  if (next) {
    next->seal = seals.wanted();
  }
  if (next && desired.publish(std::move(*next))) {
    spawn(workers.context(0), "save desired state", save_desired(), log);
  }
}

Awaitable<void> Services::save_desired() {
  auto write = [this] { return desired.save(); };
  const Result<void> saved = co_await files.run(std::move(write));
  if (!saved.ok()) {
    log.error("the desired state was not saved", saved.error());
  }
}

health::NetworkFacts Services::network() const {
  const api::AdminStatus status = view.status();
  health::NetworkFacts facts;
  facts.node_id = config.node.id;
  facts.nodes = status.nodes_total;
  facts.peers_up = std::max<std::int64_t>(0, status.nodes_up - 1);
  facts.ipfs = *engine_identities.storage->get();
  facts.ipfs_cluster = *engine_identities.pinning->get();
  facts.database_bytes = registry_watch.state()->database_bytes;
  return facts;
}

bool Services::is_leaving() const {
  const auto state = membership.state();
  const cluster::NodeRow* self = state->find(config.node.id);
  return self != nullptr && (self->state == "leaving" || self->state == "removed");
}

std::string Services::status_line() const {
  std::vector<std::string> missing = view.missing();
  for (std::string& sentence : health::missing_engines(*probes.checks())) {
    missing.push_back(std::move(sentence));
  }
  return missing.empty() ? "serving" : "serving, missing: " + joined(missing);
}

}  // namespace orama::gateway
