// Randomness passed in, so that tests hold it.
#pragma once

#include <cstddef>
#include <string>

#include "common/clock.h"

namespace orama::crypto {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::string bytes(std::size_t count) = 0;
};

// libsodium's generator. Safe from any thread.
class SystemRandom final : public Random {
 public:
  std::string bytes(std::size_t count) override;
};

// RFC 9562 version 7: 48 bits of Unix milliseconds, then random; lower-case text of 36 characters.
std::string make_uuid_v7(Random& random, WallTime now);

}  // namespace orama::crypto
