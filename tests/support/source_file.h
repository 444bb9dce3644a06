// A file of the source tree, such as "tests/golden/caddy/internal.caddyfile". Its test must run
// from the top of the tree, or fails saying so.
#pragma once

#include <string>

#include <doctest/doctest.h>

#include "common/atomic_file.h"

namespace orama::tests {

inline std::string source_file(const std::string& path) {
  const auto text = read_file(path);
  REQUIRE_MESSAGE(text.ok(), "run this from the top of the source tree: ", path);
  return *text;
}

}  // namespace orama::tests
