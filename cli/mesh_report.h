// How the mesh interface and its peers are shown. Pure: values in, text out. Never a private key.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "installers/agent/mesh_commands.h"

namespace orama::cli {

std::string mesh_text(const installers::MeshView& view, WallTime now);
nlohmann::json mesh_json(const installers::MeshView& view);

}  // namespace orama::cli
