#include "installers/agent/mesh_back_end.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "installers/host/command_runner.h"
#include "installers/host/mesh_interface.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

constexpr std::chrono::milliseconds kLook{500};
constexpr const char* kKernelKind = "wireguard";
constexpr const char* kUserSpaceKind = "tun";

}  // namespace

Result<MeshBackEnd> make_kernel_device(CommandRunner& commands, const Log& log) {
  TRY(state, read_mesh_interface(commands, paths::kMeshInterface));
  if (mesh_back_end(state.kind) == MeshBackEnd::kernel) {
    log.info("orama0 is there, the kernel's", {});
    return MeshBackEnd::kernel;
  }
  // The kernel loads its module for this by itself; the unit needs no right to load any.
  TRY(added, commands.run(Command(
                 {"ip", "link", "add", "dev", paths::kMeshInterface, "type", kKernelKind})));
  if (added.ok()) {
    log.info("orama0 is the kernel's WireGuard", {});
    return MeshBackEnd::kernel;
  }
  log.info("orama0 will be wireguard-go's", {{"kernel", added.err}});
  return MeshBackEnd::wireguard_go;
}

Result<void> hold_kernel_device(CommandRunner& commands, Clock& clock,
                                const std::function<unsigned()>& index,
                                const std::atomic<bool>& stop) {
  while (!stop) {
    if (index() == 0) {
      return make_error(Errc::unreachable,
                        std::string("the interface ") + paths::kMeshInterface + " is gone",
                        std::string("systemctl status ") + paths::kWireguardUnit);
    }
    clock.sleep_for(kLook);
  }
  if (index() == 0) {
    return {};
  }
  TRY_VOID(run_checked(commands, Command({"ip", "link", "delete", "dev", paths::kMeshInterface})));
  return {};
}

std::optional<MeshBackEnd> mesh_back_end(const std::string& kind) {
  if (kind == kKernelKind) {
    return MeshBackEnd::kernel;
  }
  return kind == kUserSpaceKind ? std::optional(MeshBackEnd::wireguard_go) : std::nullopt;
}

std::string mesh_back_end_name(const std::string& kind) {
  const auto back_end = mesh_back_end(kind);
  if (!back_end) {
    return "none";
  }
  return *back_end == MeshBackEnd::kernel ? "kernel" : "wireguard-go";
}

}  // namespace orama::installers
