// RESP2, the protocol of Redis that Olric speaks (engines-storage.md 2): one reply, and a command's
// bytes. Values; nothing here talks to anybody.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace orama::resp {

struct RespReply {
  enum class Kind : std::uint8_t { status, error, integer, bulk, nil, array };
  Kind kind = Kind::nil;
  std::string text;  // of status, error and bulk
  std::int64_t integer = 0;
  std::vector<RespReply> elements;

  bool is_error() const { return kind == Kind::error; }
  bool operator==(const RespReply&) const = default;
};

// An array of bulk strings, exact for any bytes.
std::string encode_command(std::span<const std::string> words);

}  // namespace orama::resp
