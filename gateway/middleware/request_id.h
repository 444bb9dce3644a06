// The X-Request-ID rule (http-api.md 3, row 1), and randomness that asks the system once for many
// requests.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/crypto/random.h"

namespace orama::gateway::middleware {

// ^[A-Za-z0-9._:-]{1,128}$
bool is_request_id(std::string_view text);

// Hands out what a source gave it in blocks. For one thread.
class BufferedRandom final : public crypto::Random {
 public:
  explicit BufferedRandom(crypto::Random& source) : source_(source) {}
  std::string bytes(std::size_t count) override;

 private:
  static constexpr std::size_t kBlock = 1024;
  crypto::Random& source_;
  std::string block_;
  std::size_t used_ = 0;
};

}  // namespace orama::gateway::middleware
