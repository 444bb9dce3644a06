// Digests as raw bytes.
#pragma once

#include <string>
#include <string_view>

namespace orama::crypto {

std::string sha256(std::string_view bytes);       // FIPS 180-4, 32 bytes
std::string blake2b_256(std::string_view bytes);  // RFC 7693 unkeyed, 32 bytes
// RFC 7693 keyed: a MAC, or derivation of a secret from another. `key`: 16 to 64 bytes.
std::string keyed_blake2b_256(std::string_view key, std::string_view bytes);

}  // namespace orama::crypto
