// Digests as raw bytes.
#pragma once

#include <string>
#include <string_view>

namespace orama::crypto {

std::string sha256(std::string_view bytes);       // FIPS 180-4, 32 bytes
std::string blake2b_256(std::string_view bytes);  // RFC 7693 unkeyed, 32 bytes

}  // namespace orama::crypto
