// Makes orama0 and keeps it there: `orama agent mesh-device`, which orama-wireguard.service runs.
// The kernel's WireGuard where this kernel makes such a device, else wireguard-go. Asked of the
// kernel at each start of the unit, so that nothing about the choice is stored and a kernel that
// gains or loses WireGuard needs no other configuration. The agent sets up whatever comes
// (mesh_keeper.h).
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::installers {

enum class MeshBackEnd { kernel, wireguard_go };

// kernel: orama0 is there and the kernel's, also one that an earlier process left. wireguard_go:
// the kernel makes none (the log says why) and wireguard-go is to be started, which makes its own.
Result<MeshBackEnd> make_kernel_device(CommandRunner& commands, const Log& log);

// Returns when `stop` is set, having taken orama0 away; an error as soon as it is gone by another
// hand, so that the unit starts again. `index`: of orama0, 0 when there is none.
Result<void> hold_kernel_device(CommandRunner& commands, Clock& clock,
                                const std::function<unsigned()>& index,
                                const std::atomic<bool>& stop);

// From the kind of interface that ip(8) names; nothing for another kind, or no interface.
std::optional<MeshBackEnd> mesh_back_end(const std::string& kind);
// "kernel", "wireguard-go" or "none", for people and JSON.
std::string mesh_back_end_name(const std::string& kind);

}  // namespace orama::installers
