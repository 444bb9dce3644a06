// A unit file of orama's own, as the supervisor of a development cluster carries it out: what is
// started, with what environment and credentials, and what happens when it ends. Users, hardening
// and limits of memory are left out: a developer's processes run as the developer. A setting that
// would change what is run and that is not known here is refused, so that no difference to
// production goes unseen.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"

namespace orama::installers {

struct UnitCommand {
  std::vector<std::string> words;  // variables in them stand as they are
  bool may_fail = false;           // "-" before it
};

struct UnitFolder {
  std::string path;  // "/var/lib/orama/rqlite"
  mode_t mode = 0755;
  std::string variable;  // STATE_DIRECTORY and the like
};

struct UnitFile {
  enum class Type { simple, exec, notify, oneshot, nothing };  // nothing: a target or a socket
  enum class Restart { never, on_failure, always };

  Type type = Type::simple;
  bool remain_after_exit = false;
  std::vector<UnitCommand> before;  // ExecStartPre=
  UnitCommand main;
  std::vector<std::pair<std::string, std::string>> environment;
  struct EnvironmentFile {
    std::string path;
    bool optional = false;
  };
  std::vector<EnvironmentFile> environment_files;
  std::vector<std::pair<std::string, std::string>> credentials;  // name, path
  struct Condition {
    std::string path;
    bool negated = false;
  };
  std::vector<Condition> conditions;  // ConditionPathExists=
  std::vector<std::string> after;
  std::vector<UnitFolder> folders;
  std::string working_folder;
  mode_t umask = 0022;
  std::optional<std::size_t> open_files;
  Restart restart = Restart::never;
  std::chrono::milliseconds restart_after{100};
  std::chrono::milliseconds start_within{90000}, stop_within{90000};
};

// `name` is the unit's own, "orama-rqlite@default.service": what %i stands for comes from it.
Result<UnitFile> parse_unit_file(std::string_view text, const std::string& name);

// "orama-rqlite@.service" of "orama-rqlite@default.service"; the name itself where it has none.
std::string template_of(const std::string& name);

// "200ms", "30s", "1min 30s", "5"; infinity is a year.
Result<std::chrono::milliseconds> parse_unit_time(std::string_view text);

// A command's words with ${NAME} and $NAME replaced: the latter, as a word of its own, gives any
// number of words. A name that is not set is empty.
std::vector<std::string> expand_words(
    const UnitCommand& command,
    const std::vector<std::pair<std::string, std::string>>& environment);

}  // namespace orama::installers
