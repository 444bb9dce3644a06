// Reads replies from bytes as they come (hiredis's reader under our limits). What a reply may hold
// is bounded before memory is taken for it: hiredis allocates an array's elements on the word of
// its head. One object a connection; not thread-safe. After an error only errors follow.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "common/resp/reply.h"
#include "common/result.h"

namespace orama::resp {

class RespReader {
 public:
  struct Limits {
    std::size_t bytes = 1024UL * 1024;  // of one reply, as it stands on the wire
    int elements = 65'536;              // in all its arrays together
  };

  RespReader();
  explicit RespReader(Limits limits);
  ~RespReader();
  RespReader(RespReader&&) noexcept;
  RespReader& operator=(RespReader&&) noexcept;

  void feed(std::string_view bytes);
  // The next whole reply; absent: more bytes are needed. failed: not RESP2, or nested deeper than
  // eight arrays; too_large: over a limit.
  Result<std::optional<RespReply>> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace orama::resp
