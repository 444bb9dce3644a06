// What every registry engine must do alike: the same checks run over SQLite and over a real
// rqlited.
#pragma once

#include <boost/asio/io_context.hpp>

#include "gateway/backends/registry.h"

namespace orama::tests {

// Asserts with doctest; makes and leaves tables named conf_*. The registry must be empty of them.
void check_registry_conformance(boost::asio::io_context& context,
                                gateway::backends::Registry& registry);

}  // namespace orama::tests
