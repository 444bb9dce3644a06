// A unified diff of two short texts, for --plan. Lines only; no file names.
#pragma once

#include <string>
#include <string_view>

namespace orama::installers {

// "@@ -1,3 +1,4 @@" hunks with three lines around each change; "" when equal.
std::string line_diff(std::string_view before, std::string_view after);

}  // namespace orama::installers
