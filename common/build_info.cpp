#include "common/build_info.h"

namespace orama {

// The definitions come from common/CMakeLists.txt.
BuildInfo build_info() {
  return {ORAMA_VERSION, ORAMA_COMMIT, ORAMA_COMMIT_TIME};
}

}  // namespace orama
