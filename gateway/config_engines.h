// The sections database, cache, storage and pinning of orama.yaml.
#pragma once

#include <string>
#include <vector>

#include "common/config_reader.h"
#include "gateway/config.h"

namespace orama::gateway {

void read_engines(ConfigReader& reader, Config::Engines& engines);

// What is missing for those that are configured ("no credential olric-password").
std::vector<std::string> engine_warnings(const Config& config);

}  // namespace orama::gateway
