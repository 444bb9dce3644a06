#include "gateway/middleware/request_id.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace orama::gateway::middleware {

bool is_request_id(std::string_view text) {
  constexpr std::size_t kMaxSize = 128;
  return !text.empty() && text.size() <= kMaxSize &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '.' || c == '_' || c == ':' || c == '-';
         });
}

std::string BufferedRandom::bytes(std::size_t count) {
  if (count > kBlock) {
    return source_.bytes(count);
  }
  if (block_.size() - used_ < count) {
    block_ = source_.bytes(kBlock);
    used_ = 0;
  }
  std::string result = block_.substr(used_, count);
  used_ += count;
  return result;
}

}  // namespace orama::gateway::middleware
