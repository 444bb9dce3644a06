// The URL of `--join`: where a node of the cluster answers, by name or address, with or without
// TLS. No path, user or query: the call's path is the protocol's.
#pragma once

#include <string>
#include <string_view>

#include "common/result.h"

namespace orama::cli {

// "https://node1.example.com/" gives "https://node1.example.com". invalid_argument says what is
// wrong.
Result<std::string> parse_join_url(std::string_view text);

}  // namespace orama::cli
