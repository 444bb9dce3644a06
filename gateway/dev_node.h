// A node for one developer (`orama-gateway --dev`): no root, no engine, no network but loopback.
// Its identity and registry live in a data folder and survive restarts. It founds its own one-node
// cluster through the same code as adminClusterCreate.
#pragma once

#include <string>

#include "common/api/cluster.h"
#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/result.h"
#include "gateway/config.h"

namespace orama::gateway {

struct DevOptions {
  unsigned short port = 6001;
  std::string data_folder;  // "": $XDG_DATA_HOME/orama/dev, ~/.local/share/orama/dev
};

struct DevNode {
  Config config;
  api::ClusterCreate founding;
};

// Makes the folder (0700) and the identity (0600) where they are not there yet.
Result<DevNode> prepare_dev_node(const DevOptions& options, crypto::Random& random,
                                 const Clock& clock);

}  // namespace orama::gateway
