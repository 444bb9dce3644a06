// The kind "caddyfile": a file change whose content Caddy itself has read and accepted before it is
// written, and that the agent may have rewritten since (certificate_watch.h): any content under a
// valid generated line is orama's to take back.
#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"
#include "installers/steps/caddy_config.h"

namespace orama::installers {

struct CaddyfileSpec {
  std::string content;
  OperatorFile operator_file = OperatorFile::none;
  // The domain for which an internal certificate stands in until the public one comes; "" none. One
  // of a longer life than a stand-in's (of an earlier --tls internal) is taken out of Caddy's
  // storage, or Caddy would not ask the public authority for hours.
  std::string stand_in_domain;
};
std::unique_ptr<Change> caddyfile_change(CaddyfileSpec spec);

Result<Reverted> revert_caddyfile(RevertContext& context, const std::string& target,
                                  const nlohmann::json& prior, const nlohmann::json& wanted);

// Loads it as `caddy run` would, without starting it. Caddy writes keys of an internal authority
// while it does so: into a folder that is removed afterwards.
Result<void> validate_caddyfile(Host& host, const std::string& content);

}  // namespace orama::installers
