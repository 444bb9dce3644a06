#include "installers/host/memory.h"

#include <cstdint>
#include <sstream>
#include <string_view>

#include "common/result.h"
#include "installers/host/files.h"

namespace orama::installers {

Result<std::uint64_t> total_memory_kib(Files& files) {
  constexpr std::string_view kName = "MemTotal:";
  TRY(text, files.read("/proc/meminfo"));
  const auto at = text.find(kName);
  std::uint64_t kib = 0;
  if (at == std::string::npos || !(std::istringstream(text.substr(at + kName.size())) >> kib)) {
    return make_error(Errc::failed, "/proc/meminfo says nothing of MemTotal");
  }
  return kib;
}

}  // namespace orama::installers
