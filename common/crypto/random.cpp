#include "common/crypto/random.h"

#include <sodium.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/clock.h"
#include "common/crypto/encoding.h"
#include "common/result.h"

namespace orama::crypto {

std::string SystemRandom::bytes(std::size_t count) {
  // sodium_init opens the kernel's generator once; without it there is no secret to be had.
  static const bool ready = sodium_init() >= 0;
  ORAMA_ASSERT(ready);
  std::string result(count, '\0');
  randombytes_buf(result.data(), result.size());
  return result;
}

std::string make_uuid_v7(Random& random, WallTime now) {
  const auto ms = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count());
  std::string bytes;
  for (int shift = 40; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>((ms >> shift) & 0xFFU));
  }
  bytes += random.bytes(10);
  bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0FU) | 0x70U);  // version
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3FU) | 0x80U);  // variant
  std::string text = to_hex(bytes);
  for (const std::size_t at : {8UL, 13UL, 18UL, 23UL}) {
    text.insert(at, 1, '-');
  }
  return text;
}

}  // namespace orama::crypto
