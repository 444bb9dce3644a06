// Every object of the gateway, in the order of construction: what stands later uses what stands
// earlier, and is destroyed first. The background work runs on the first worker's context. Workers
// must be stopped before the destruction.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/log.h"
#include "gateway/auth/no_credentials.h"
#include "gateway/backends/blocking_pool.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/cluster_view.h"
#include "gateway/cluster/desired_board.h"
#include "gateway/cluster/join.h"
#include "gateway/cluster/join_key.h"
#include "gateway/cluster/join_key_sweep.h"
#include "gateway/cluster/join_routes.h"
#include "gateway/cluster/leave.h"
#include "gateway/cluster/member_links.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/metered_registry.h"
#include "gateway/cluster/moved_endpoints.h"
#include "gateway/cluster/node_report.h"
#include "gateway/cluster/node_routes.h"
#include "gateway/cluster/peer_reports.h"
#include "gateway/cluster/registry_watch.h"
#include "gateway/cluster/routes.h"
#include "gateway/cluster/seal_board.h"
#include "gateway/config.h"
#include "gateway/health/probes.h"
#include "gateway/health/routes.h"
#include "gateway/heartbeat.h"
#include "gateway/http/server.h"
#include "gateway/http/workers.h"
#include "gateway/metrics/http_metrics.h"
#include "gateway/metrics/metrics.h"
#include "gateway/middleware/access_log.h"
#include "gateway/middleware/pipeline.h"
#include "gateway/service_notify.h"
#include "gateway/wiring.h"

namespace orama::gateway {

class Services {
 public:
  Services(Config configuration, Log its_log, std::unique_ptr<middleware::AccessLog> access);
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  void start_background();
  // One line for systemd: serving, and what is missing.
  std::string status_line() const;

  Config config;
  Log log;
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
  std::unique_ptr<backends::Registry> database;  // of the namespace `default`; null: none here
  std::unique_ptr<cluster::RegistryWatch> database_watch;  // null with it
  cluster::DesiredBoard desired;
  cluster::NodeReport report;
  cluster::PeerReports peers;
  cluster::ClusterView view;
  cluster::SealBoard seals;
  cluster::JoinKey join_key;
  cluster::JoinKeySweep join_key_sweep;
  cluster::EndpointWatch endpoint_watch;
  cluster::Leave leave;
  cluster::Join join;
  cluster::JoinSweep join_sweep;
  std::optional<cluster::MemberLinks> links;  // absent without the node's identity key
  EngineIdentities engine_identities;
  health::Probes probes;

  health::RouteParts health_parts;
  cluster::RouteParts cluster_parts;
  cluster::JoinRouteParts join_parts;
  cluster::NodeRouteParts node_parts;
  auth::NoCredentials authenticator;
  metrics::HttpMetrics http_metrics;
  middleware::Pipeline pipeline;
  http::Server server;
  Heartbeat heartbeat;

 private:
  void membership_changed();
  void publish_desired();
  Awaitable<void> save_desired();
  health::NetworkFacts network() const;
  bool is_leaving() const;
  void add_gauges();
  void make_links();
};

}  // namespace orama::gateway
