// Control messages on the stream `/v1/messages` of a link: four bytes of length, big-endian, then
// that much JSON, `{"type": "...", ...}`. The parser takes bytes as they come and holds no more of
// them than have come.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"

namespace orama::link {

inline constexpr const char* kMessagesPath = "/v1/messages";
inline constexpr std::size_t kMaxMessageBytes = 256UL * 1024;  // of the JSON text
inline constexpr std::size_t kMaxMessageType = 64;

// too_large over the limit; invalid_argument when it is no object with a `type` of 1 to 64 bytes,
// or holds text that is not UTF-8.
Result<std::string> encode_message(const nlohmann::json& message);

class FrameParser {
 public:
  // The messages that are now complete. After an error the stream is of no use.
  Result<std::vector<nlohmann::json>> feed(std::string_view bytes);

 private:
  std::string buffer_;
};

}  // namespace orama::link
