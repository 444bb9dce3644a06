// The Host of a development node: the real machine behind the seams that make it one. What the
// steps and the agent do through it stays inside the node's folder. Owns the seams, not the
// machine.
#pragma once

#include <utility>

#include "installers/dev/dev_commands.h"
#include "installers/dev/node_root.h"
#include "installers/dev/rooted_files.h"
#include "installers/dev/rooted_http.h"
#include "installers/dev/unit_control.h"
#include "installers/host/host.h"

namespace orama::installers {

class DevHost {
 public:
  DevHost(Host& machine, NodeRoot root)
      : root_(std::move(root)),
        files_(root_),
        commands_(machine.commands, files_, root_),
        units_(root_),
        http_(machine.http, root_),
        host_{commands_, files_, units_, http_, machine.clock, machine.random} {}
  DevHost(const DevHost&) = delete;
  DevHost& operator=(const DevHost&) = delete;

  Host& host() { return host_; }
  const NodeRoot& root() const { return root_; }

 private:
  const NodeRoot root_;
  RootedFiles files_;
  DevCommands commands_;
  DevUnits units_;
  RootedHttp http_;
  Host host_;
};

}  // namespace orama::installers
