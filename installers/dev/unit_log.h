// The log of one unit of a development node: what its processes say, taken from a pipe and appended
// to a file of limited size. Full, it is put aside as FILE.1 and begun anew, so that the last
// kMostLog bytes are always there and never more than twice that. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/result.h"
#include "installers/dev/descriptor.h"

namespace orama::installers {

inline constexpr std::size_t kMostLog = 4UL * 1024 * 1024;

class UnitLog {
 public:
  explicit UnitLog(std::string path, std::size_t most = kMostLog);

  // Makes pipe and file; once.
  Result<void> open();
  int read_end() const { return read_end_.get(); }
  int write_end() const { return write_end_.get(); }
  // Takes what the pipe holds.
  void drain();
  // A line of the supervisor's own.
  void say(std::string_view line);
  // The last lines, for an error.
  std::string tail(std::size_t lines) const;

 private:
  void append(std::string_view bytes);
  Result<void> open_file();

  std::string path_;
  std::size_t most_;
  std::size_t size_ = 0;
  Descriptor read_end_, write_end_, file_;
};

}  // namespace orama::installers
