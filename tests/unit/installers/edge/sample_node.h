// The node that these tests set up, and the templates of the source tree (tests run in its top
// folder).
#pragma once

#include <string>

#include "installers/node_spec.h"
#include "tests/support/fake_host.h"

namespace orama::tests {

inline constexpr const char* kShare = "/usr/share/orama";

installers::NodeSpec sample_node();

// Puts templates/caddy where a package would.
void add_caddy_templates(FakeFiles& files);

}  // namespace orama::tests
