// Everything of the world that an install touches, passed by reference to steps, changes and
// checks. Owned by the composition root (cli); references only. Safe from the plan's worker
// threads, because each member is.
#pragma once

#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/http_client.h"
#include "installers/host/command_runner.h"
#include "installers/host/files.h"
#include "installers/host/systemd.h"

namespace orama::installers {

struct Host {
  CommandRunner& commands;
  Files& files;
  Systemd& systemd;
  HttpClient& http;
  Clock& clock;
  crypto::Random& random;
};

}  // namespace orama::installers
