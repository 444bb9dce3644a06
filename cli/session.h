// What a command may touch, handed to it by app.cpp: its output, the host, who called, and whether
// a signal asked it to stop. References only; lives as long as the program.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "common/result.h"
#include "installers/dev/node_root.h"
#include "installers/host/host.h"
#include "installers/paths.h"

namespace orama::cli {

struct Caller {
  bool root = false;
  bool reads_admin = false;        // root or a member of group orama: may use the admin socket
  std::string host_name;           // as the kernel has it
  std::string program;             // argv[0] as typed
  std::vector<std::string> words;  // behind it
  std::string share = installers::paths::kShare;  // templates; ORAMA_SHARE names a source tree's
};

struct Session {
  Output& output;
  installers::Host& host;
  const Caller& caller;
  const std::atomic<bool>& interrupted;
  // Becomes another program by argument vector (journalctl -f); returns only when that failed.
  std::function<Error(const std::vector<std::string>& argv)> become;
  // Where ORAMA_ROOT names a development node: `host` is that node's. Null on a host.
  const installers::NodeRoot* development = nullptr;
};

// The caller's command line as one would type it: `orama logs 'two words'`. A token is a secret and
// is shown as TOKEN.
std::string typed_command(const Caller& caller);

// needs_root, with the sudo form of the very command as its hint.
Error needs_root_error(const Caller& caller, const std::string& what);

}  // namespace orama::cli
