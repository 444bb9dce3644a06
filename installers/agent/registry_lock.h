// A row of the registry's table `locks`: of the nodes that ask for it one holds it at a time, so
// that what takes an engine away for a moment is done on one node after another. What a crashed
// holder left is free after 30 s, by the clock of the one that asks next. Blocking.
#pragma once

#include <string>

#include "common/api/desired.h"
#include "common/result.h"
#include "installers/host/host.h"

namespace orama::installers {

class RegistryLock {
 public:
  // Held in the name of desired.self.id; asked at this node's registry.
  RegistryLock(Host& host, std::string name, const api::Desired& desired)
      : host_(host),
        name_(std::move(name)),
        holder_(desired.self.id),
        mesh_ip_(desired.self.mesh_ip) {}

  Result<bool> take();  // true also when this node has it already
  Result<void> release();
  // As soon as this node's registry, which may have just started, writes again: asked for 10 s.
  // Without a leader the lock ends by its time.
  Result<void> release_soon();

 private:
  Host& host_;
  const std::string name_, holder_, mesh_ip_;
};

}  // namespace orama::installers
