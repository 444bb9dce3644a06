// What each part of the gateway is given, made from the configuration: the composition root's
// hands.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "common/log.h"
#include "common/snapshot.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/cluster_view.h"
#include "gateway/config.h"
#include "gateway/health/engine_answers.h"
#include "gateway/health/engine_probes.h"
#include "gateway/health/probes.h"
#include "gateway/http/server.h"
#include "gateway/http/workers.h"
#include "gateway/middleware/access_log.h"
#include "gateway/middleware/pipeline.h"

namespace orama::gateway {

std::vector<asio::io_context*> contexts_of(http::Workers& workers);

// The engine that the configuration names; RQLite's password is read from the unit's credential
// here.
std::unique_ptr<backends::Registry> make_registry(const Config& config, http::Workers& workers,
                                                  const Log& log);

// The database of the namespace `default`; null where the configuration has none.
std::unique_ptr<backends::Registry> make_database(const Config& config, http::Workers& workers,
                                                  const Log& log);

// What the engines of libp2p said of themselves last.
struct EngineIdentities {
  health::SharedIdentity storage = std::make_shared<Snapshot<health::EngineIdentity>>();
  health::SharedIdentity pinning = std::make_shared<Snapshot<health::EngineIdentity>>();
};

// The checks that have a subject on this node; they run on `context`. The engines' passwords are
// read from the unit's credentials here.
std::vector<health::Probe> make_probes(const Config& config, backends::Registry& registry,
                                       asio::io_context& context,
                                       const EngineIdentities& identities, const Log& log);

cluster::OwnNode own_node(const Config& config);
http::ServerOptions server_options();
middleware::PipelineOptions pipeline_options(const Config& config, std::size_t workers);

// Serves without a log rather than not at all.
Result<std::unique_ptr<middleware::AccessLog>> open_access_log(const Config& config,
                                                               const Log& log);

}  // namespace orama::gateway
