#include "installers/preflight/resource_checks.h"

#include <cstdint>
#include <string>

#include "installers/host/command_runner.h"
#include "installers/host/disk_space.h"
#include "installers/host/host.h"
#include "installers/host/memory.h"
#include "installers/preflight/finding.h"
#include "installers/preflight/preflight.h"
#include "installers/receipt.h"

namespace orama::installers {
namespace {

constexpr std::uint64_t kMiB = 1024UL * 1024;
// A server sold with 1 GiB shows less: the kernel keeps some for itself.
constexpr std::uint64_t kLeastMemory = 900 * kMiB;
constexpr std::uint64_t kLeastDisk = 5 * 1024 * kMiB;
// A node that is installed has used its share; a re-run needs only room to write.
constexpr std::uint64_t kLeastDiskInstalled = 256 * kMiB;
constexpr std::uint64_t kLeastInodes = 20000;
constexpr const char* kDataFolder = "/var/lib";

std::string in_mib(std::uint64_t bytes) {
  return std::to_string(bytes / kMiB) + " MiB";
}

bool is_installed(Host& host) {
  const auto receipt = host.files.status(kReceiptPath);
  return receipt.ok() && receipt->has_value();
}

}  // namespace

Finding check_memory(CheckContext& context) {
  const std::string wanted = "1 GiB (" + in_mib(kLeastMemory) + " after what the kernel keeps)";
  const auto kib = total_memory_kib(context.host.files);
  if (!kib.ok()) {
    return cannot_tell("/proc/meminfo cannot be read", wanted);
  }
  const std::uint64_t bytes = *kib * 1024;
  return bytes >= kLeastMemory ? passed(in_mib(bytes), wanted)
                               : failed(in_mib(bytes), wanted, "Use a server with more memory.");
}

Finding check_disk(CheckContext& context) {
  const std::uint64_t least = is_installed(context.host) ? kLeastDiskInstalled : kLeastDisk;
  const std::string wanted = in_mib(least) + " free under /var/lib";
  const auto space = disk_space(context.host.commands, kDataFolder);
  if (!space) {
    return cannot_tell("`df` does not answer", wanted);
  }
  return space->bytes >= least
             ? passed(in_mib(space->bytes) + " free", wanted)
             : failed(in_mib(space->bytes) + " free", wanted,
                      "Free some space (`apt-get clean`, `journalctl --vacuum-size=100M`), or use "
                      "a larger disk.");
}

Finding check_inodes(CheckContext& context) {
  const std::string wanted = std::to_string(kLeastInodes) + " free inodes under /var/lib";
  const auto space = disk_space(context.host.commands, kDataFolder);
  if (!space) {
    return cannot_tell("`df` does not answer", wanted);
  }
  if (space->inodes_total == 0) {
    return passed("this file system has no fixed number", wanted);
  }
  const std::string observed = std::to_string(space->inodes) + " free";
  return space->inodes >= kLeastInodes
             ? passed(observed, wanted)
             : failed(observed, wanted, "Remove folders with very many small files.");
}

Finding check_clock(CheckContext& context) {
  const std::string wanted = "a clock that is synchronised (NTP)";
  const auto output = context.host.commands.run(
      Command({"timedatectl", "show", "-p", "NTPSynchronized", "--value"}));
  if (output.ok() && output->ok() && output->out.starts_with("yes")) {
    return passed("synchronised", wanted);
  }
  if (output.ok() && output->ok() && output->out.starts_with("no")) {
    return failed("not synchronised; a wrong clock makes certificates and tokens invalid", wanted,
                  "Run `timedatectl set-ntp true`, or install systemd-timesyncd or chrony.");
  }
  return cannot_tell("`timedatectl` does not answer", wanted);
}

}  // namespace orama::installers
