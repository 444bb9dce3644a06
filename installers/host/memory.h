// How much memory the host has, by /proc/meminfo (proc(5)).
#pragma once

#include <cstdint>

#include "common/result.h"
#include "installers/host/files.h"

namespace orama::installers {

// MemTotal, in KiB: what the kernel has left for others.
Result<std::uint64_t> total_memory_kib(Files& files);

}  // namespace orama::installers
