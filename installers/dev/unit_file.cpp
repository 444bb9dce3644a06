#include "installers/dev/unit_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "common/result.h"
#include "installers/dev/unit_text.h"

namespace orama::installers {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kForEver = std::chrono::hours(24 * 365);

Error wrong(const std::string& found, const std::string& expected) {
  return make_error(Errc::invalid_argument, "found `" + found + "`, expected " + expected);
}

// "orama-rqlite" of "orama-rqlite@default.service", and "default".
struct UnitName {
  std::string prefix, instance, whole;
};

UnitName split_name(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  const std::size_t at = name.find('@');
  UnitName parts;
  parts.whole = name;
  parts.prefix = name.substr(0, std::min(at, dot));
  if (at != std::string::npos && at < dot) {
    parts.instance = name.substr(at + 1, dot - at - 1);
  }
  return parts;
}

Result<std::string> with_specifiers(std::string_view text, const UnitName& name) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%' || at + 1 == text.size()) {
      result += text[at];
      continue;
    }
    switch (text[++at]) {
      case '%':
        result += '%';
        break;
      case 'i':
      case 'I':
        result += name.instance;
        break;
      case 'p':
      case 'P':
        result += name.prefix;
        break;
      case 'n':
        result += name.whole;
        break;
      case 'N':
        result += name.whole.substr(0, name.whole.rfind('.'));
        break;
      case 'd':
        result += "${CREDENTIALS_DIRECTORY}";
        break;
      case 'S':
        result += "/var/lib";
        break;
      case 't':
        result += "/run";
        break;
      case 'E':
        result += "/etc";
        break;
      case 'L':
        result += "/var/log";
        break;
      default:
        return wrong(std::string(text), "one of %i %p %n %N %d %S %t %E %L %%");
    }
  }
  return result;
}

template <class Number>
Result<Number> number(std::string_view text, int base, const char* expected) {
  Number value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || failure != std::errc{} || end != text.data() + text.size()) {
    return wrong(std::string(text), expected);
  }
  return value;
}

Result<bool> yes_or_no(const std::string& text) {
  for (const char* yes : {"yes", "true", "on", "1"}) {
    if (text == yes) {
      return true;
    }
  }
  for (const char* no : {"no", "false", "off", "0"}) {
    if (text == no) {
      return false;
    }
  }
  return wrong(text, "yes or no");
}

Result<UnitCommand> command_of(std::string_view text) {
  UnitCommand command;
  // "+" and "!" are about rights, which are the developer's own in any case.
  while (!text.empty() && std::string_view("-+!:").find(text.front()) != std::string_view::npos) {
    command.may_fail |= text.front() == '-';
    text.remove_prefix(1);
  }
  TRY(words, split_unit_words(text));
  if (words.empty() || !words.front().starts_with('/')) {
    return wrong(std::string(text), "an absolute path of a program");
  }
  command.words = std::move(words);
  return command;
}

struct FolderSetting {
  std::string_view key, base, variable;
};
constexpr std::array<FolderSetting, 4> kFolderSettings = {{
    {"StateDirectory", "/var/lib/", "STATE_DIRECTORY"},
    {"RuntimeDirectory", "/run/", "RUNTIME_DIRECTORY"},
    {"LogsDirectory", "/var/log/", "LOGS_DIRECTORY"},
    {"CacheDirectory", "/var/cache/", "CACHE_DIRECTORY"},
}};

// Reads one assignment after the other into the unit.
class Reader {
 public:
  explicit Reader(const std::string& name) : name_(split_name(name)) {}

  Result<UnitFile> read(const std::vector<UnitLine>& lines) {
    for (const UnitLine& line : lines) {
      TRY_VOID(take(line).while_doing(line.key + "= in line " + std::to_string(line.number)));
    }
    set_modes();
    const bool service = name_.whole.ends_with(".service");
    if (!service) {
      unit_.type = UnitFile::Type::nothing;
    } else if (unit_.main.words.empty()) {
      return make_error(Errc::invalid_argument, "a service needs ExecStart=");
    }
    return std::move(unit_);
  }

 private:
  Result<void> take(const UnitLine& line) {
    TRY(value, with_specifiers(line.value, name_));
    if (line.section == "Unit") {
      return take_unit(line.key, value);
    }
    return line.section == "Service" ? take_service(line.key, value) : Result<void>();
  }

  Result<void> take_unit(const std::string& key, const std::string& value) {
    if (key == "After") {
      TRY(names, split_unit_words(value));
      unit_.after.insert(unit_.after.end(), names.begin(), names.end());
    } else if (key == "ConditionPathExists") {
      const bool negated = value.starts_with('!');
      unit_.conditions.push_back({value.substr(negated ? 1 : 0), negated});
    } else if (key.starts_with("Condition") || key.starts_with("Assert")) {
      return wrong(key, "ConditionPathExists=, the only condition that is known here");
    }
    return {};
  }

  Result<void> take_service(const std::string& key, const std::string& value) {
    if (key.starts_with("Exec")) {
      return take_command(key, value);
    }
    if (key == "Type") {
      return take_type(value);
    }
    if (key == "Restart") {
      return take_restart(value);
    }
    if (key.starts_with("Environment") || key.starts_with("LoadCredential")) {
      return take_environment(key, value);
    }
    if (key.starts_with("Restart") || key.starts_with("Timeout")) {
      return take_time(key, value);
    }
    return take_surroundings(key, value);
  }

  Result<void> take_command(const std::string& key, const std::string& value) {
    if (key == "ExecStartPre") {
      if (value.empty()) {
        unit_.before.clear();
        return {};
      }
      TRY(command, command_of(value));
      unit_.before.push_back(std::move(command));
      return {};
    }
    if (key != "ExecStart") {
      return wrong(key, "ExecStartPre= or ExecStart=, all that is carried out here");
    }
    if (value.empty()) {
      unit_.main = {};
      return {};
    }
    TRY(command, command_of(value));
    unit_.main = std::move(command);
    return {};
  }

  Result<void> take_type(const std::string& value) {
    using Type = UnitFile::Type;
    constexpr std::array<std::pair<std::string_view, Type>, 4> kTypes = {
        {{"simple", Type::simple},
         {"exec", Type::exec},
         {"notify", Type::notify},
         {"oneshot", Type::oneshot}}};
    for (const auto& [name, type] : kTypes) {
      if (value == name) {
        unit_.type = type;
        return {};
      }
    }
    return wrong(value, "simple, exec, notify or oneshot");
  }

  Result<void> take_restart(const std::string& value) {
    using Restart = UnitFile::Restart;
    if (value == "always") {
      unit_.restart = Restart::always;
    } else if (value == "on-failure") {
      unit_.restart = Restart::on_failure;
    } else if (value == "no") {
      unit_.restart = Restart::never;
    } else {
      return wrong(value, "always, on-failure or no");
    }
    return {};
  }

  Result<void> take_environment(const std::string& key, const std::string& value) {
    if (key == "Environment") {
      TRY(assignments, split_unit_words(value));
      for (const std::string& assignment : assignments) {
        const std::size_t equals = assignment.find('=');
        if (equals == std::string::npos || equals == 0) {
          return wrong(assignment, "NAME=value");
        }
        unit_.environment.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
      }
      return {};
    }
    if (key == "EnvironmentFile") {
      const bool optional = value.starts_with('-');
      unit_.environment_files.push_back({value.substr(optional ? 1 : 0), optional});
      return {};
    }
    const std::size_t colon = value.find(':');
    if (key != "LoadCredential" || colon == std::string::npos || colon == 0 ||
        value.find('/') < colon) {
      return wrong(value, "LoadCredential=name:/path");
    }
    unit_.credentials.emplace_back(value.substr(0, colon), value.substr(colon + 1));
    return {};
  }

  Result<void> take_time(const std::string& key, const std::string& value) {
    TRY(time, parse_unit_time(value));
    if (key == "RestartSec") {
      unit_.restart_after = time;
    }
    if (key == "TimeoutStartSec" || key == "TimeoutSec") {
      unit_.start_within = time;
    }
    if (key == "TimeoutStopSec" || key == "TimeoutSec") {
      unit_.stop_within = time;
    }
    return {};
  }

  Result<void> take_surroundings(const std::string& key, const std::string& value) {
    if (key == "UMask") {
      TRY(mask, number<mode_t>(value, 8, "an octal number"));
      unit_.umask = mask;
    } else if (key == "LimitNOFILE") {
      TRY(files, number<std::size_t>(value, 10, "a number"));
      unit_.open_files = files;
    } else if (key == "WorkingDirectory") {
      unit_.working_folder = value;
    } else if (key == "RemainAfterExit") {
      TRY(remains, yes_or_no(value));
      unit_.remain_after_exit = remains;
    }
    for (const FolderSetting& setting : kFolderSettings) {
      if (key == setting.key) {
        TRY(names, split_unit_words(value));
        for (const std::string& name : names) {
          unit_.folders.push_back(
              {std::string(setting.base) + name, 0755, std::string(setting.variable)});
        }
      } else if (key == std::string(setting.key) + "Mode") {
        TRY(mode, number<mode_t>(value, 8, "an octal number"));
        modes_.emplace_back(setting.variable, mode);
      }
    }
    return {};
  }

  // A mode may stand before the folder that it is of.
  void set_modes() {
    for (const auto& [variable, mode] : modes_) {
      for (UnitFolder& folder : unit_.folders) {
        if (folder.variable == variable) {
          folder.mode = mode;
        }
      }
    }
  }

  UnitName name_;
  UnitFile unit_;
  std::vector<std::pair<std::string_view, mode_t>> modes_;
};

}  // namespace

std::string template_of(const std::string& name) {
  const UnitName parts = split_name(name);
  return parts.instance.empty() ? name : parts.prefix + "@" + name.substr(name.rfind('.'));
}

Result<milliseconds> parse_unit_time(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, long long>, 7> kUnits = {{{"ms", 1},
                                                                             {"sec", 1000},
                                                                             {"s", 1000},
                                                                             {"min", 60000},
                                                                             {"m", 60000},
                                                                             {"h", 3600000},
                                                                             {"", 1000}}};
  if (text == "infinity") {
    return kForEver;
  }
  milliseconds sum{0};
  TRY(words, split_unit_words(text));
  for (const std::string& word : words) {
    const std::size_t digits = std::min(word.find_first_not_of("0123456789"), word.size());
    const std::string_view unit = std::string_view(word).substr(digits);
    const auto known = std::find_if(kUnits.begin(), kUnits.end(),
                                    [unit](const auto& one) { return one.first == unit; });
    const auto count = number<long long>(std::string_view(word).substr(0, digits), 10, "a number");
    if (!count.ok() || known == kUnits.end() || *count > kForEver.count() / known->second) {
      return wrong(std::string(text), "a time such as 200ms, 30s or 1min 30s");
    }
    sum += milliseconds(*count * known->second);
  }
  return words.empty() ? Result<milliseconds>(wrong("", "a time such as 30s")) : sum;
}

Result<UnitFile> parse_unit_file(std::string_view text, const std::string& name) {
  auto lines = parse_unit_text(text).while_doing("reading " + name);
  TRY(all, std::move(lines));
  return Reader(name).read(all).while_doing("reading " + name);
}

}  // namespace orama::installers
