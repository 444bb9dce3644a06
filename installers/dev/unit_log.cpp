#include "installers/dev/unit_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "common/atomic_file.h"
#include "common/result.h"
#include "installers/dev/descriptor.h"

namespace orama::installers {
namespace {

constexpr std::size_t kChunk = 16384;
constexpr mode_t kLogMode = 0600;

}  // namespace

UnitLog::UnitLog(std::string path, std::size_t most) : path_(std::move(path)), most_(most) {}

Result<void> UnitLog::open() {
  if (file_.valid()) {
    return {};
  }
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return make_error(Errc::failed, std::string("making a pipe: ") + strerror(errno));
  }
  read_end_ = Descriptor(ends[0]);
  write_end_ = Descriptor(ends[1]);
  fcntl(read_end_.get(), F_SETFL, O_NONBLOCK);
  return open_file();
}

Result<void> UnitLog::open_file() {
  Descriptor file(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kLogMode));
  struct stat status{};
  if (!file.valid() || fstat(file.get(), &status) != 0) {
    return make_error(Errc::failed, "opening the log " + path_ + ": " + strerror(errno));
  }
  size_ = static_cast<std::size_t>(status.st_size);
  file_ = std::move(file);
  return {};
}

void UnitLog::drain() {
  std::array<char, kChunk> buffer{};
  for (;;) {
    const ssize_t count = read(read_end_.get(), buffer.data(), buffer.size());
    if (count <= 0) {
      return;
    }
    append({buffer.data(), static_cast<std::size_t>(count)});
  }
}

void UnitLog::say(std::string_view line) {
  append("-- " + std::string(line) + "\n");
}

// A full disk loses lines of a log, and nothing else.
void UnitLog::append(std::string_view bytes) {
  if (size_ + bytes.size() > most_) {
    static_cast<void>(std::rename(path_.c_str(), (path_ + ".1").c_str()));
    if (!open_file().ok()) {
      return;
    }
  }
  while (!bytes.empty()) {
    const ssize_t count = write(file_.get(), bytes.data(), bytes.size());
    if (count <= 0) {
      return;
    }
    size_ += static_cast<std::size_t>(count);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string UnitLog::tail(std::size_t lines) const {
  const auto text = read_file(path_);
  if (!text.ok()) {
    return "";
  }
  std::size_t begin = text->size();
  for (std::size_t left = lines + 1; left > 0 && begin > 0; --left) {
    begin = text->rfind('\n', begin - 1);
    if (begin == std::string::npos) {
      return *text;
    }
  }
  return text->substr(std::min(begin + 1, text->size()));
}

}  // namespace orama::installers
