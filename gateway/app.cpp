#include "gateway/app.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include "common/atomic_file.h"
#include "common/build_info.h"
#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/crypto/secret.h"
#include "gateway/auth/no_credentials.h"
#include "gateway/backends/blocking_pool.h"
#include "gateway/backends/pause.h"
#include "gateway/backends/rqlite_registry.h"
#include "gateway/backends/sqlite_registry.h"
#include "gateway/cluster/cluster_create.h"
#include "gateway/cluster/cluster_view.h"
#include "gateway/cluster/desired_board.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/metered_registry.h"
#include "gateway/cluster/node_report.h"
#include "gateway/cluster/registry_watch.h"
#include "gateway/cluster/routes.h"
#include "gateway/gauges.h"
#include "gateway/health/mesh_probe.h"
#include "gateway/health/probes.h"
#include "gateway/health/routes.h"
#include "gateway/heartbeat.h"
#include "gateway/http/server.h"
#include "gateway/http/workers.h"
#include "gateway/metrics/http_metrics.h"
#include "gateway/metrics/metrics.h"
#include "gateway/metrics/process_metrics.h"
#include "gateway/middleware/access_log.h"
#include "gateway/middleware/pipeline.h"
#include "gateway/routes.h"
#include "gateway/service_notify.h"
#include "gateway/sockets.h"

namespace orama::gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds kTick = 1s;  // how often status and threads are looked at
constexpr std::size_t kSpareFiles = 256;        // beside connections: engines, logs, files
constexpr std::size_t kMaxConnections = 20'000;

std::vector<asio::io_context*> contexts_of(http::Workers& workers) {
  std::vector<asio::io_context*> contexts;
  for (std::size_t i = 0; i < workers.count(); ++i) {
    contexts.push_back(&workers.context(i));
  }
  return contexts;
}

// The credential's one line; empty when there is none, of which config_warnings has told.
crypto::Secret registry_password(const Log& log) {
  const std::string path = credential_path("registry-password");
  auto text = path.empty() ? Result<std::string>(std::string()) : read_file(path);
  if (!text.ok()) {
    log.error("the credential registry-password cannot be read", text.error());
    return crypto::Secret();
  }
  std::string line = std::move(*text);
  while (!line.empty() && line.back() == '\n') {
    line.pop_back();
  }
  log.redact(line);
  return crypto::Secret(std::move(line));
}

std::unique_ptr<backends::Registry> make_registry(const Config& config, http::Workers& workers,
                                                  const Log& log) {
  if (config.registry.engine == RegistryEngine::embedded) {
    return std::make_unique<backends::SqliteRegistry>(config.registry.path, config.node.id);
  }
  backends::RqliteRegistry::Options options;
  options.endpoint = config.registry.endpoint;
  options.user = config.registry.user;
  options.password = registry_password(log);
  return std::make_unique<backends::RqliteRegistry>(contexts_of(workers), options);
}

Awaitable<Result<void>> look_for_address(mesh::IpAddress address) {
  co_return health::has_address(address);
}

std::vector<health::Probe> make_probes(const Config& config, backends::Registry& registry) {
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
  options.trusted_proxies = config.http.trusted_proxies;
  options.mesh_cidr = config.node.mesh_cidr;
  options.cors_origins = config.cors_origins;
  options.admin_group = ::getegid();  // the unit's group: orama
  return options;
}

middleware::AccessLog::Options access_log_options(const Config& config) {
  middleware::AccessLog::Options options;
  options.path = config.access_log;
  return options;
}

std::string joined(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) {
    text += (text.empty() ? "" : "; ") + sentence;
  }
  return text;
}

// Parameters by value: they live in the coroutine's frame.
Awaitable<void> found_cluster(asio::io_context* context, backends::Registry* registry,
                              cluster::Membership* membership, const Clock* clock,
                              api::ClusterCreate request, Log log) {
  backends::Pause pause(*context);
  while (!membership->touch()->migrated) {
    co_await pause.wait(20ms);
  }
  auto founding = co_await cluster::create_cluster(registry, request, clock->wall_now());
  if (!founding.ok()) {
    log.error("the development cluster was not founded", founding.error());
    co_return;
  }
  membership->poke();
}

}  // namespace

// In the order of construction: what stands later uses what stands earlier, and goes first.
struct App::Parts {
  Parts(Options given, std::unique_ptr<middleware::AccessLog> access);

  Config config;
  Log log;
  std::optional<api::ClusterCreate> founding;
  std::unique_ptr<middleware::AccessLog> access_log;
  SystemClock clock;
  crypto::SystemRandom random;
  ServiceNotify notify;

  http::Workers workers;         // threads; the first one's context runs the background work
  backends::BlockingPool files;  // writes the saved desired state
  metrics::Metrics metrics;
  std::unique_ptr<backends::Registry> engine;
  cluster::MeteredRegistry registry;

  cluster::Membership membership;  // what the registry says, in memory
  cluster::RegistryWatch registry_watch;
  cluster::DesiredBoard desired;
  cluster::NodeReport report;
  cluster::ClusterView view;
  health::Probes probes;

  health::RouteParts health_parts;
  cluster::RouteParts cluster_parts;
  auth::NoCredentials authenticator;
  metrics::HttpMetrics http_metrics;
  middleware::Pipeline pipeline;
  http::Server server;
  Heartbeat heartbeat;

  // Of the background, on the first worker:
  void membership_changed();
  void publish_desired();
  Awaitable<void> save_desired();
  health::NetworkFacts network() const;
  std::string status_line() const;

  static std::vector<std::string_view> operations(const http::RouteTable& routes);
};

std::vector<std::string_view> App::Parts::operations(const http::RouteTable& routes) {
  std::vector<std::string_view> operations;
  for (const http::Route& route : routes) {
    operations.push_back(route.operation_id);
  }
  return operations;
}

App::Parts::Parts(Options given, std::unique_ptr<middleware::AccessLog> access)
    : config(std::move(given.config)),
      log(std::move(given.log)),
      founding(std::move(given.founding)),
      access_log(std::move(access)),
      workers(config.http.threads, log),
      files(1),
      engine(make_registry(config, workers, log)),
      registry(*engine, metrics),
      membership(workers.context(0), registry, clock, log, {}),
      registry_watch(workers.context(0), registry, log),
      desired(config.state_folder + "/desired.json", log),
      report(clock),
      view(own_node(config), {membership, desired, report, registry_watch, clock}),
      probes(workers.context(0), clock, make_probes(config, registry), log),
      health_parts{probes,
                   clock,
                   build_info(),
                   clock.wall_now(),
                   clock.steady_now(),
                   [this] { return network(); },
                   [this] { return membership.touch()->in_touch; }},
      cluster_parts{registry,
                    membership,
                    desired,
                    report,
                    view,
                    clock,
                    log.named("cluster"),
                    config.node.mesh_cidr,
                    [this](api::AdminStatus& status) { health::complete(health_parts, status); }},
      http_metrics(metrics, operations(all_routes(health_parts, cluster_parts, metrics))),
      pipeline(pipeline_options(config, workers.count()),
               all_routes(health_parts, cluster_parts, metrics),
               {authenticator, http_metrics, *access_log, clock, random}, log),
      server(server_options(), workers, pipeline, log),
      heartbeat(contexts_of(workers)) {
  metrics::add_build_info(metrics, std::string(build_info().version),
                          std::string(build_info().commit));
  metrics::add_process_metrics(metrics);
  add_gauges(metrics, membership, view, probes);
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
  membership.on_change([this] { membership_changed(); });
}

void App::Parts::membership_changed() {
  probes.poke();  // so that health follows within milliseconds, not within its interval
  registry_watch.poke();
  publish_desired();
}

void App::Parts::publish_desired() {
  const auto state = membership.state();
  // A registry that holds another cluster, or lost this node, changes nothing here.
  if (!state->cluster || state->cluster->id != config.cluster.id) {
    return;
  }
  auto next = cluster::derive_desired(*state, config.node.id);
  if (next && desired.publish(std::move(*next))) {
    spawn(workers.context(0), "save desired state", save_desired(), log);
  }
}

Awaitable<void> App::Parts::save_desired() {
  auto write = [this] { return desired.save(); };
  const Result<void> saved = co_await files.run(std::move(write));
  if (!saved.ok()) {
    log.error("the desired state was not saved", saved.error());
  }
}

health::NetworkFacts App::Parts::network() const {
  const api::AdminStatus status = view.status();
  health::NetworkFacts facts;
  facts.node_id = config.node.id;
  facts.nodes = status.nodes_total;
  facts.peers_up = std::max<std::int64_t>(0, status.nodes_up - 1);
  facts.database_bytes = registry_watch.state()->database_bytes;
  return facts;
}

std::string App::Parts::status_line() const {
  const std::vector<std::string> missing = view.missing();
  return missing.empty() ? "serving" : "serving, missing: " + joined(missing);
}

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
App::~App() = default;

sigset_t App::signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&set, signal);
  }
  return set;
}

Result<std::unique_ptr<App>> App::build(Options options) {
  auto access_log = middleware::AccessLog::open(access_log_options(options.config), options.log);
  if (!access_log.ok()) {  // no reason to answer nobody
    options.log.error("serving without an access log", access_log.error());
    access_log = middleware::AccessLog::open({}, options.log);
  }
  TRY(opened_log, std::move(access_log));
  auto parts = std::make_unique<Parts>(std::move(options), std::move(opened_log));
  return std::unique_ptr<App>(new App(std::move(parts)));
}

Result<void> App::run() {
  Parts& p = *parts_;
  TRY(activated, activated_sockets());
  std::vector<int> sockets = std::move(activated);
  if (sockets.empty()) {
    TRY(opened, open_sockets(p.config.http, p.workers.count()));
    sockets = std::move(opened);
  }
  TRY_VOID(p.server.listen(sockets));
  p.membership.start();
  p.registry_watch.start();
  p.probes.start();
  if (p.founding) {
    asio::io_context& context = p.workers.context(0);
    spawn(context, "found the cluster",
          found_cluster(&context, &p.registry, &p.membership, &p.clock, *p.founding, p.log), p.log);
  }
  p.workers.start();
  p.notify.ready(p.status_line());
  p.log.info("serving", {{"sockets", std::to_string(sockets.size())},
                         {"threads", std::to_string(p.workers.count())}});
  supervise();
  stop();
  return {};
}

void App::supervise() {
  Parts& p = *parts_;
  std::chrono::nanoseconds tick = kTick;
  if (const auto watchdog = p.notify.watchdog()) {
    tick = std::min(tick, std::chrono::nanoseconds(*watchdog) / 4);
  }
  const timespec wait{static_cast<std::time_t>(tick / 1s), static_cast<long>((tick % 1s).count())};
  const sigset_t set = signals();
  for (;;) {
    const int signal = sigtimedwait(&set, nullptr, &wait);
    if (signal == SIGHUP) {
      p.access_log->reopen();
    } else if (signal > 0) {
      p.log.info("stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
      return;
    }
    if (p.heartbeat.beat()) {
      p.notify.alive();
    } else {
      p.log.error("an io thread does not answer; no ping for the watchdog");
    }
    p.notify.status(p.status_line());
  }
}

void App::stop() {
  Parts& p = *parts_;
  p.notify.stopping();
  p.health_parts.shutting_down.store(true);
  p.desired.close();  // the agent's long poll ends now, not at the drain's deadline
  p.server.drain(p.config.drain_within);
  p.workers.stop();
  p.files.stop();
  p.log.info("stopped");
  p.log.flush();
}

}  // namespace orama::gateway
