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

struct SecretRow {
  const char*
      name;  // the file in /etc/orama/secrets, and the name of the credential that units load
  const char* what;  // for people: which of them to keep a copy of
  std::function<Result<std::string>(Host&)> make;
};

// In the order in which they are made: a later one may be read out of an earlier one.
std::vector<SecretRow> secret_table();

Step secrets_step();

}  // namespace orama::installers
