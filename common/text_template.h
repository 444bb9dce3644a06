// Fills ${name} in a text with values, escaped for the format that the text is written in: what an
// operator or a peer typed can end no line, open no section and reach no shell. No logic: no loops,
// no conditions. `$$` is a literal dollar sign. A name that is not set, an unknown `$x` form and a
// value that the format cannot carry are errors. Values must be UTF-8; errors do not quote them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "common/result.h"

namespace orama {

enum class TemplateFormat {
  systemd,    // unit and drop-in files: % and \ doubled; quotes, $ and control characters refused
  env_file,   // systemd EnvironmentFile=: value in double quotes, \ " ` $ escaped, control
              // characters refused
  yaml,       // a double-quoted scalar, quotes included
  caddyfile,  // one token: in backticks where needed; control characters, ` { and } refused
  plain,  // control characters refused, nothing escaped (only for values that are already typed)
};

using TemplateValues = std::map<std::string, std::string, std::less<>>;

Result<std::string> fill_template(std::string_view text, const TemplateValues& values,
                                  TemplateFormat format);

}  // namespace orama
