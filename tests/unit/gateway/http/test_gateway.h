// A whole gateway transport in the test's process: workers, pipeline and server over sockets of the
// test's own, with a small table of routes that shows every kind.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/log.h"
#include "gateway/auth/authenticator.h"
#include "gateway/http/route.h"
#include "gateway/http/server.h"
#include "gateway/http/workers.h"
#include "gateway/metrics/http_metrics.h"
#include "gateway/metrics/metrics.h"
#include "gateway/middleware/access_log.h"
#include "gateway/middleware/pipeline.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/gateway/http/raw_client.h"

namespace orama::gateway::http::testing {

struct GatewaySetup {
  std::size_t threads = 2;
  std::size_t sockets = 1;  // listening sockets of one address
  std::size_t max_connections = 1000;
  Timeouts timeouts;
  std::vector<std::string> cors_origins{"*"};
  std::vector<std::string> trusted_proxies{"127.0.0.0/8"};
  std::optional<gid_t> admin_group;
  std::string mesh_cidr = "10.0.0.0/24";
  auth::Authenticator* authenticator = nullptr;  // none: knows no credential
};

class TestGateway {
 public:
  explicit TestGateway(GatewaySetup setup = {});
  ~TestGateway();
  TestGateway(const TestGateway&) = delete;
  TestGateway& operator=(const TestGateway&) = delete;

  RawClient connect() const { return RawClient::tcp(port_); }
  RawClient connect_admin() const { return RawClient::unix_socket(admin_path()); }
  std::string admin_path() const { return folder_.file("admin.sock"); }
  // One request on a connection of its own.
  Answer ask(const std::string& bytes) const;
  Answer get(const std::string& path, const std::string& more_headers = "") const;

  // The lines of the access log, once there are so many: a line is written after its answer was
  // sent.
  std::vector<std::string> access_lines(std::size_t at_least);
  std::string error_log() const;
  std::string metrics_text() const { return metrics_.render(metrics::Format::prometheus); }
  std::size_t connections() const { return server_->connections(); }
  void wait_for_connections(std::size_t count) const;
  void wait_until_holding() const;      // until a handler of /hold or /hang/long runs
  void release() { released_ = true; }  // what holds may answer

  void drain(std::chrono::milliseconds within);
  bool listens_still() const;  // the kernel still queues connections: the sockets are open

 private:
  RouteTable routes();
  std::vector<int> open_sockets(std::size_t count);

  tests::TemporaryFolder folder_;
  int port_ = 0;
  std::vector<int> sockets_;
  std::atomic<int> holding_{0};
  std::atomic<bool> released_{false};
  Log log_;
  Workers workers_;
  SystemClock clock_;
  crypto::SystemRandom random_;
  metrics::Metrics metrics_;
  std::unique_ptr<auth::Authenticator> no_credentials_;
  std::unique_ptr<metrics::HttpMetrics> http_metrics_;
  std::unique_ptr<middleware::AccessLog> access_log_;
  std::unique_ptr<middleware::Pipeline> pipeline_;
  std::unique_ptr<Server> server_;
};

}  // namespace orama::gateway::http::testing
