// The syntax of a unit file (systemd.syntax(7)) as far as orama's own units use it: sections,
// assignments, comments, continued lines. And of an EnvironmentFile=. No meaning: unit_file.h.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"

namespace orama::installers {

struct UnitLine {
  std::string section, key, value;
  int number = 0;  // of its first line, from 1
};

// invalid_argument names the line.
Result<std::vector<UnitLine>> parse_unit_text(std::string_view text);

// Words between blanks; '…' and "…" hold blanks, and \ takes the next character as it is, but for
// \n, \t and \s (a blank).
Result<std::vector<std::string>> split_unit_words(std::string_view text);

// NAME=value lines; a value may stand in quotes, which are taken off.
Result<std::vector<std::pair<std::string, std::string>>> parse_environment_file(
    std::string_view text);

}  // namespace orama::installers
