// Looks at the engines beside the registry, each as the gateway will use it: with its user and
// password, at the address of this node's configuration. All run on one io_context. They keep what
// the engines of libp2p say of themselves, for the status routes.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "common/crypto/secret.h"
#include "common/snapshot.h"
#include "gateway/backends/http_pool.h"
#include "gateway/health/engine_answers.h"
#include "gateway/health/probes.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::health {

struct EngineAt {
  backends::HttpEndpoint endpoint;
  std::string user;  // "" none
  crypto::Secret password;
  // Shorter than the pause between two looks: together they stay below ten seconds.
  std::chrono::milliseconds deadline{3000};
};
using SharedIdentity = std::shared_ptr<Snapshot<EngineIdentity>>;

// It answers /readyz and its leader a read.
Probe database_probe(asio::io_context& context, const EngineAt& engine);
// It takes the password and a PING; without its quorum it is not ready.
Probe cache_probe(asio::io_context& context, const EngineAt& engine);
Probe storage_probe(asio::io_context& context, const EngineAt& engine, SharedIdentity identity);
Probe pinning_probe(asio::io_context& context, const EngineAt& engine, SharedIdentity identity);

}  // namespace orama::gateway::health
