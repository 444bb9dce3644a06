#include "gateway/wiring.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include "common/build_info.h"
#include "common/crypto/secret.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/http_pool.h"
#include "gateway/backends/registry.h"
#include "gateway/backends/rqlite_registry.h"
#include "gateway/backends/sqlite_registry.h"
#include "gateway/cluster/cluster_view.h"
#include "gateway/config.h"
#include "gateway/credentials.h"
#include "gateway/health/engine_probes.h"
#include "gateway/health/mesh_probe.h"
#include "gateway/health/probes.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/server.h"
#include "gateway/http/workers.h"
#include "gateway/middleware/access_log.h"
#include "gateway/middleware/pipeline.h"

namespace orama::gateway {
namespace {

constexpr std::size_t kSpareFiles = 256;  // beside connections: engines, logs, files
constexpr std::size_t kMaxConnections = 20'000;

Awaitable<Result<void>> look_for_address(mesh::IpAddress address) {
  co_return health::has_address(address);
}

}  // namespace

std::vector<asio::io_context*> contexts_of(http::Workers& workers) {
  std::vector<asio::io_context*> contexts;
  contexts.reserve(workers.count());
  for (std::size_t i = 0; i < workers.count(); ++i) {
    contexts.push_back(&workers.context(i));
  }
  return contexts;
}

std::unique_ptr<backends::Registry> make_registry(const Config& config, http::Workers& workers,
                                                  const Log& log) {
  if (config.registry.engine == RegistryEngine::embedded) {
    return std::make_unique<backends::SqliteRegistry>(config.registry.path, config.node.id);
  }
  backends::RqliteRegistry::Options options;
  options.endpoint = config.registry.endpoint;
  options.user = config.registry.user;
  options.password = read_credential(config, "registry-password", log);
  return std::make_unique<backends::RqliteRegistry>(contexts_of(workers), options);
}

namespace {

health::EngineAt engine_at(const backends::HttpEndpoint& endpoint, std::string user,
                           crypto::Secret password) {
  health::EngineAt engine;
  engine.endpoint = endpoint;
  engine.user = std::move(user);
  engine.password = std::move(password);
  return engine;
}

void add_engine_probes(const Config& config, asio::io_context& context,
                       const EngineIdentities& identities, const Log& log,
                       std::vector<health::Probe>& probes) {
  const Config::Engines& engines = config.engines;
  if (engines.database) {
    const auto& [endpoint, user] = *engines.database;
    probes.push_back(health::database_probe(
        context, engine_at(endpoint, user, load_database_password(config, user, log))));
  }
  if (engines.cache) {
    probes.push_back(health::cache_probe(
        context, engine_at(*engines.cache, "", read_credential(config, "olric-password", log))));
  }
  if (engines.storage) {
    probes.push_back(
        health::storage_probe(context, engine_at(*engines.storage, "", {}), identities.storage));
  }
  if (engines.pinning) {
    const auto& [endpoint, user] = *engines.pinning;
    probes.push_back(health::pinning_probe(
        context,
        engine_at(endpoint, user, read_credential(config, "ipfs-cluster-rest-password", log)),
        identities.pinning));
  }
}

}  // namespace

std::unique_ptr<backends::Registry> make_database(const Config& config, http::Workers& workers,
                                                  const Log& log) {
  if (!config.engines.database) {
    return nullptr;
  }
  const auto& [endpoint, user] = *config.engines.database;
  backends::RqliteRegistry::Options options;
  options.endpoint = endpoint;
  options.user = user;
  options.password = load_database_password(config, user, log);
  return std::make_unique<backends::RqliteRegistry>(contexts_of(workers), options);
}

std::vector<health::Probe> make_probes(const Config& config, backends::Registry& registry,
                                       asio::io_context& context,
                                       const EngineIdentities& identities, const Log& log) {
  health::Probe registry_probe;
  registry_probe.name = "registry";
  registry_probe.engine = registry.engine();
  registry_probe.look = [&registry] { return registry.ping(); };
  health::Probe mesh_probe;
  mesh_probe.name = "mesh";
  mesh_probe.engine = "wireguard";
  mesh_probe.counting = health::Counting::uncounted;
  if (!config.development()) {
    mesh_probe.look = [address = config.node.mesh_ip] { return look_for_address(address); };
  }
  std::vector<health::Probe> probes;
  probes.push_back(std::move(registry_probe));
  add_engine_probes(config, context, identities, log, probes);
  probes.push_back(std::move(mesh_probe));
  return probes;
}

cluster::OwnNode own_node(const Config& config) {
  cluster::OwnNode own;
  own.id = config.node.id;
  own.name = config.node.name;
  own.mesh_ip = config.node.mesh_ip.to_string();
  own.domain = config.node.domain;
  own.cluster_id = config.cluster.id;
  own.cluster_name = config.cluster.name;
  own.version = build_info().version;
  own.development = config.development();
  return own;
}

http::ServerOptions server_options() {
  http::ServerOptions options;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur > 2 * kSpareFiles) {
    options.max_connections =
        std::min(kMaxConnections, static_cast<std::size_t>(files.rlim_cur) - kSpareFiles);
  }
  return options;
}

middleware::PipelineOptions pipeline_options(const Config& config, std::size_t workers) {
  middleware::PipelineOptions options;
  options.workers = workers;
  options.admission.trusted_proxies = config.http.trusted_proxies;
  options.admission.mesh_cidr = config.node.mesh_cidr;
  options.cors_origins = config.cors_origins;
  options.join_rate.per_minute = config.join_rate.per_minute;
  options.join_rate.burst = config.join_rate.burst;
  options.admission.admin_group = ::getegid();  // the unit's group: orama
  if (config.development()) {
    options.admission.admin_user = ::geteuid();
  }
  return options;
}

Result<std::unique_ptr<middleware::AccessLog>> open_access_log(const Config& config,
                                                               const Log& log) {
  middleware::AccessLog::Options options;
  options.path = config.access_log;
  auto opened = middleware::AccessLog::open(options, log);
  if (opened.ok()) {
    return opened;
  }
  log.error("serving without an access log", opened.error());
  options.path.clear();
  return middleware::AccessLog::open(options, log);
}

}  // namespace orama::gateway
