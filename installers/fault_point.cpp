#include <fnmatch.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "installers/plan.h"

namespace orama::installers {

#ifdef ORAMA_FAULT_POINTS
void fault_point(const std::string& name) {
  const char* wanted = std::getenv("ORAMA_FAULT");
  if (wanted != nullptr && fnmatch(wanted, name.c_str(), 0) == 0) {
    std::raise(SIGKILL);
  }
}
#else
void fault_point(const std::string& /*name*/) {}
#endif

}  // namespace orama::installers
