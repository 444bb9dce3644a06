// Calls to this node's gateway on its admin socket (http-api.md 20), which only root and the group
// `orama` reach. An answer that is an error becomes one, with the gateway's own words and hint.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "cli/session.h"
#include "common/result.h"

namespace orama::cli {

// `body` null: none is sent. unreachable: no gateway answers.
Result<nlohmann::json> admin_call(Session& session, const std::string& method,
                                  const std::string& path, const nlohmann::json& body = {});

}  // namespace orama::cli
