// One command of `orama`, as a row of the table in commands.cpp: what it is called, what may stand
// behind it, who may run it, what it does. Help, completions and the man page are read from the
// same row, so a flag that exists is documented and a flag that is documented exists.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output.h"
#include "common/result.h"

namespace orama::cli {

struct Session;

enum class Visibility { shown, hidden };

struct Flag {
  enum class Takes { nothing, value, values };  // values: may be given more than once
  std::string_view name;                        // "--vps-ip"
  char letter = '\0';                           // 'n' for -n
  Takes takes = Takes::nothing;
  std::string_view value = "";  // what the value is called in help: "ADDRESS"
  std::string_view choices =
      "";  // "internal acme": for completion; the command checks the value itself
  std::string_view summary = "";  // one sentence part, lower case, no full stop
  Visibility visibility = Visibility::shown;
};

struct Positional {
  std::string_view name = "";  // "UNIT"; "" = the command takes none
  std::string_view summary = "";
  std::string_view choices = "";
};

// What stood behind the command.
struct Arguments {
  std::map<std::string, std::vector<std::string>, std::less<>> flags;  // switches: an empty vector
  std::vector<std::string> words;

  bool has(std::string_view flag) const { return flags.find(flag) != flags.end(); }
  std::optional<std::string> text(std::string_view flag) const;  // the last value
  std::vector<std::string> all(std::string_view flag) const;
};

enum class Privilege { anyone, root, root_unless_plan };

struct Command {
  std::string_view name;  // "install", or two words: "mesh show"
  std::string_view summary;
  std::string_view details = "";  // paragraphs of help below the usage line
  std::vector<Flag> flags = {};
  Positional positional = {};
  Positional second = {};  // behind it; may be left out
  Privilege privilege = Privilege::anyone;
  Visibility visibility = Visibility::shown;
  // Rules on values that need no look at the host; judged before the caller's rights are.
  Result<void> (*check)(const Arguments&) = nullptr;
  Result<Report> (*run)(Session&, const Arguments&) = nullptr;
};

// Those that are shown, the common ones last.
std::vector<Flag> shown_flags(const Command& command);

// Flags that every command has: --json, -v, -h.
const std::vector<Flag>& common_flags();

}  // namespace orama::cli
