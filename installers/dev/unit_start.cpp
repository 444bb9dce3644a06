#include "installers/dev/unit_start.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "common/atomic_file.h"
#include "common/result.h"
#include "installers/dev/child_process.h"
#include "installers/dev/dev_environment.h"
#include "installers/dev/node_root.h"
#include "installers/dev/unit_file.h"
#include "installers/dev/unit_text.h"

namespace orama::installers {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOverrides = "/etc/systemd/system/";
constexpr mode_t kPrivate = 0700, kReadOnly = 0400;
// Of the developer's own environment nothing else reaches a unit.
constexpr std::array kKept = {"PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"};

Result<void> make_folder(const std::string& path, mode_t mode) {
  std::error_code failure;
  fs::create_directories(path, failure);
  if (failure || chmod(path.c_str(), mode) != 0) {
    return make_error(Errc::failed,
                      "making the folder " + path + (failure ? ": " + failure.message() : ""));
  }
  return {};
}

std::vector<std::string> drop_ins(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.path().extension() == ".conf") {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

Result<std::string> load_unit_text(const NodeRoot& root, const std::string& name) {
  const std::string file = template_of(name);
  const std::string overrides = root.path(kOverrides);
  auto text = read_file(overrides + file);
  if (!text.ok() && text.error().code == Errc::not_found) {
    text = read_file(root.programs().units + "/" + file);
  }
  TRY(whole, std::move(text));
  for (const std::string& unit : {file, name}) {
    for (const std::string& path : drop_ins(overrides + unit + ".d")) {
      TRY(more, read_file(path));
      whole.append("\n").append(root.production_text(more));
    }
    if (file == name) {
      break;
    }
  }
  return whole;
}

std::string failed_condition(const NodeRoot& root, const UnitFile& unit) {
  for (const UnitFile::Condition& condition : unit.conditions) {
    std::error_code failure;
    if (fs::exists(root.path(condition.path), failure) == condition.negated) {
      return "ConditionPathExists=" + std::string(condition.negated ? "!" : "") + condition.path;
    }
  }
  return "";
}

UnitStart::UnitStart(const NodeRoot& root, std::string name)
    : root_(root),
      name_(std::move(name)),
      credentials_(root.folder() + "/run/credentials/" + name_) {}

Result<void> UnitStart::prepare(const UnitFile& unit, const std::string& notify_socket) {
  environment_.clear();
  for (const char* name : kKept) {
    if (const char* value = std::getenv(name); value != nullptr) {
      environment_.emplace_back(name, value);
    }
  }
  environment_.emplace_back("LANG", "C.UTF-8");
  environment_.emplace_back("HOME", root_.folder());
  for (auto& [name, value] : dev_environment(root_)) {
    environment_.emplace_back(name, value);
  }
  if (!notify_socket.empty()) {
    environment_.emplace_back("NOTIFY_SOCKET", notify_socket);
  }
  TRY_VOID(make_folders(unit));
  TRY_VOID(copy_credentials(unit));
  return read_environment(unit);
}

Result<void> UnitStart::make_folders(const UnitFile& unit) {
  for (const UnitFolder& folder : unit.folders) {
    const std::string path = root_.folder() + folder.path;
    TRY_VOID(make_folder(path, folder.mode));
    const auto known = std::find_if(environment_.begin(), environment_.end(),
                                    [&](const auto& one) { return one.first == folder.variable; });
    if (known == environment_.end()) {
      environment_.emplace_back(folder.variable, path);
    } else {
      known->second += ":" + path;
    }
  }
  return {};
}

Result<void> UnitStart::copy_credentials(const UnitFile& unit) {
  clean_up();
  if (unit.credentials.empty()) {
    return {};
  }
  TRY_VOID(make_folder(credentials_, kPrivate));
  for (const auto& [name, path] : unit.credentials) {
    auto content = read_file(root_.path(path)).while_doing("loading the credential " + name);
    TRY(secret, std::move(content));
    FileAttributes attributes;
    attributes.mode = kReadOnly;
    TRY_VOID(write_file_atomically(credentials_ + "/" + name, secret, attributes));
  }
  environment_.emplace_back("CREDENTIALS_DIRECTORY", credentials_);
  return {};
}

// Files win over Environment=, as in systemd.
Result<void> UnitStart::read_environment(const UnitFile& unit) {
  for (const auto& [name, value] : unit.environment) {
    TRY(mapped, root_.word(value));
    environment_.emplace_back(name, std::move(mapped));
  }
  for (const UnitFile::EnvironmentFile& file : unit.environment_files) {
    const auto text = read_file(root_.path(file.path));
    if (!text.ok() && file.optional && text.error().code == Errc::not_found) {
      continue;
    }
    TRY(content, text);
    TRY(variables, parse_environment_file(content).while_doing("reading " + file.path));
    environment_.insert(environment_.end(), variables.begin(), variables.end());
  }
  return {};
}

Result<ChildOrder> UnitStart::order(const UnitFile& unit, const UnitCommand& command,
                                    int output) const {
  ChildOrder order;
  for (const std::string& word : expand_words(command, environment_)) {
    TRY(mapped, root_.word(word));
    order.argv.push_back(std::move(mapped));
  }
  for (const auto& [name, value] : environment_) {
    std::string line = name + "=";
    std::erase_if(order.environment,
                  [&line](const std::string& earlier) { return earlier.starts_with(line); });
    line += value;
    order.environment.push_back(std::move(line));
  }
  order.folder = unit.working_folder.empty() ? root_.folder() : root_.path(unit.working_folder);
  order.umask = unit.umask;
  order.open_files = unit.open_files;
  order.output = output;
  return order;
}

void UnitStart::clean_up() const {
  std::error_code failure;  // what is left is 0700 and replaced at the next start
  fs::remove_all(credentials_, failure);
}

}  // namespace orama::installers
