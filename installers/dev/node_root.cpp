#include "installers/dev/node_root.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "common/result.h"

namespace orama::installers {
namespace {

// Each with what begins like it and goes on with a dash: /run/orama-olric is a unit's own folder.
constexpr std::array<std::string_view, 6> kOwnFolders = {"/etc/orama",       "/var/lib/orama",
                                                         "/run/orama",       "/var/log/orama",
                                                         "/var/cache/orama", "/etc/systemd/system"};
constexpr std::string_view kOrama = "/usr/bin/orama";
constexpr std::string_view kLibrary = "/usr/lib/orama/";
constexpr std::string_view kShare = "/usr/share/orama";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

// Whether `path` stands at `at` and both ends are ends of a path.
bool stands_at(std::string_view text, std::size_t at, std::string_view path) {
  if (text.substr(at, path.size()) != path) {
    return false;
  }
  const std::size_t end = at + path.size();
  const bool begins = at == 0 || !is_name_character(text[at - 1]);
  // "/etc/orama." at the end of a sentence is one; "/etc/orama.old" is another path.
  const bool ends =
      end == text.size() || !is_name_character(text[end]) || text[end] == '-' ||
      (text[end] == '.' && (end + 1 == text.size() || !is_name_character(text[end + 1])));
  return begins && ends;
}

template <class Replacement>
std::string replaced(std::string_view text, Replacement replacement) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t taken = text[at] == '/' ? replacement(at, result) : 0;
    if (taken == 0) {
      result += text[at];
    }
    at += std::max<std::size_t>(taken, 1);
  }
  return result;
}

}  // namespace

NodeRoot::NodeRoot(std::string folder, DevPrograms programs)
    : folder_(std::move(folder)), programs_(std::move(programs)) {}

std::string NodeRoot::name() const {
  return std::filesystem::path(folder_).filename().string();
}

std::string NodeRoot::control_socket() const {
  return (std::filesystem::path(folder_).parent_path() / "supervisor.sock").string();
}

std::string NodeRoot::path(const std::string& production) const {
  const bool own = std::any_of(kOwnFolders.begin(), kOwnFolders.end(), [&](std::string_view own) {
    return production == own || (production.starts_with(own) &&
                                 (production[own.size()] == '/' || production[own.size()] == '-'));
  });
  return own ? folder_ + production : production;
}

std::string NodeRoot::text(std::string_view production) const {
  return replaced(production, [&](std::size_t at, std::string& result) -> std::size_t {
    for (const std::string_view own : kOwnFolders) {
      if (stands_at(production, at, own)) {
        result.append(folder_).append(own);
        return own.size();
      }
    }
    return 0;
  });
}

std::string NodeRoot::production_text(std::string_view mapped) const {
  return replaced(mapped, [&](std::size_t at, std::string&) -> std::size_t {
    if (mapped.substr(at, folder_.size()) != folder_) {
      return 0;
    }
    const std::size_t rest = at + folder_.size();
    const bool own = std::any_of(kOwnFolders.begin(), kOwnFolders.end(), [&](std::string_view own) {
      return mapped.substr(rest, own.size()) == own;
    });
    return own ? folder_.size() : 0;
  });
}

Result<std::string> NodeRoot::program(const std::string& name) const {
  for (const std::string& folder : programs_.folders) {
    std::string path = folder;
    path.append("/").append(name);
    if (access(path.c_str(), X_OK) == 0) {
      return path;
    }
  }
  return make_error(
      Errc::not_found,
      "the program " + name + " is in none of the folders of this " + "build's programs",
      "build it, or name its folder: orama dev up --engines DIR");
}

Result<std::string> NodeRoot::word(std::string_view production) const {
  Result<void> found;
  std::string mapped =
      replaced(production, [&](std::size_t at, std::string& result) -> std::size_t {
        if (stands_at(production, at, kOrama)) {
          result += programs_.orama;
          return kOrama.size();
        }
        if (stands_at(production, at, kShare)) {
          result += programs_.share;
          return kShare.size();
        }
        if (!production.substr(at).starts_with(kLibrary)) {
          return 0;
        }
        std::size_t end = at + kLibrary.size();
        while (end < production.size() && is_name_character(production[end])) {
          ++end;
        }
        auto path = program(
            std::string(production.substr(at + kLibrary.size(), end - at - kLibrary.size())));
        if (!path.ok()) {
          found = path.error();
          return end - at;
        }
        result += *path;
        return end - at;
      });
  TRY_VOID(std::move(found));
  return text(mapped);
}

}  // namespace orama::installers
