// The secrets that a genesis node makes, each once and never again (architecture.md, the table of
// secrets). What a joining node must not make itself (what is shared) comes to it over a link
// instead.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/result.h"
#include "installers/host/host.h"
#include "installers/step.h"

namespace orama::installers {

// own: made by each node for itself. shared: made at genesis, the same on all nodes. derived: read
// out of a shared one.
enum class SecretOrigin { own, shared, derived };

struct SecretRow {
  const char*
      name;  // the file in /etc/orama/secrets, and the name of the credential that units load
  const char* what;  // for people: which of them to keep a copy of
  SecretOrigin origin;
  std::function<Result<std::string>(Host&)> make;
};

// In the order in which they are made: a later one may be read out of an earlier one.
std::vector<SecretRow> secret_table();

// Genesis: all of them.
Step secrets_step();
// A joining node's first part: what is its own, before it asks for its place.
Step own_keys_step();

}  // namespace orama::installers
