// The engines' programs of a development cluster: those of the packages, of a folder that the
// developer names, or of this source tree's pinned build, which is made where it is not there yet.
#pragma once

#include <optional>
#include <string>

#include "cli/dev/dev_layout.h"
#include "cli/session.h"
#include "common/result.h"

namespace orama::cli {

Result<void> find_engines(Session& session, const std::optional<std::string>& folder,
                          DevLayout& layout);

}  // namespace orama::cli
