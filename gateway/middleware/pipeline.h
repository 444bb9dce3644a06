// The stages that every request passes, in the order of http-api.md 3: request id and trace, access
// log, metrics, errors, security headers, CORS, authentication, authorization, handler. Shared by
// all threads; what changes per request lies in the Exchange or in the state of its thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/log.h"
#include "gateway/auth/authenticator.h"
#include "gateway/http/route.h"
#include "gateway/http/service.h"
#include "gateway/metrics/http_metrics.h"
#include "gateway/middleware/access_log.h"
#include "gateway/middleware/admission.h"
#include "gateway/middleware/rate_limit.h"

namespace orama::gateway::middleware {

struct PipelineOptions {
  std::size_t workers = 1;
  AdmissionRules admission;
  std::vector<std::string> cors_origins{"*"};
  RateRule join_rate{"join", 10, 10};
};

// Everything is given by reference and must outlive the pipeline.
struct PipelineParts {
  auth::Authenticator& authenticator;
  metrics::HttpMetrics& metrics;
  AccessLog& access_log;
  const Clock& clock;
  crypto::Random& random;
};

class Pipeline final : public http::Service {
 public:
  // Routes of callers admin and admin_root are served on unix sockets only, all others on TCP only.
  Pipeline(PipelineOptions options, http::RouteTable routes, PipelineParts parts, const Log& log);
  ~Pipeline() override;
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  Awaitable<void> serve(http::Exchange& exchange) override;
  void refuse(http::Exchange& exchange, http::ApiError error) override;
  void finished(http::Exchange& exchange, std::size_t body_bytes_out) override;
  // Requests that came over TCP and are being answered now.
  std::int64_t public_requests() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace orama::gateway::middleware
