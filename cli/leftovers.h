// What of orama's is still on a host, looked for without the receipt: for `uninstall --verify`.
#pragma once

#include <string>
#include <vector>

#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"

namespace orama::cli {

// One line a thing found. With DataPolicy::keep, keys, databases, logs and the users that own them
// do not count: they were meant to stay.
Result<std::vector<std::string>> find_leftovers(installers::Host& host,
                                                installers::DataPolicy data);

}  // namespace orama::cli
