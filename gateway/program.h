// The command line of orama-gateway: what main() calls. Flags: --config, --check, --show-config,
// --dev, --version. Exit status: 0 stopped as asked, 1 failed or configuration not valid, 2 usage.
#pragma once

namespace orama::gateway {

int run_program(int argc, char** argv);

}  // namespace orama::gateway
