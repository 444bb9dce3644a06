#include "cli/command.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orama::cli {

std::optional<std::string> Arguments::text(std::string_view flag) const {
  const auto found = flags.find(flag);
  if (found == flags.end() || found->second.empty()) {
    return std::nullopt;
  }
  return found->second.back();
}

std::vector<std::string> Arguments::all(std::string_view flag) const {
  const auto found = flags.find(flag);
  return found == flags.end() ? std::vector<std::string>{} : found->second;
}

std::vector<Flag> shown_flags(const Command& command) {
  std::vector<Flag> flags;
  for (const std::vector<Flag>* list : {&command.flags, &common_flags()}) {
    std::copy_if(list->begin(), list->end(), std::back_inserter(flags),
                 [](const Flag& flag) { return flag.visibility == Visibility::shown; });
  }
  return flags;
}

const std::vector<Flag>& common_flags() {
  static const std::vector<Flag> flags = {
      {.name = "--json", .summary = "print one JSON object instead of text, errors too"},
      {.name = "--verbose",
       .letter = 'v',
       .summary = "show the commands that are run on this host"},
      {.name = "--help", .letter = 'h', .summary = "show help and exit"},
  };
  return flags;
}

}  // namespace orama::cli
