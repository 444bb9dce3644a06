// Text forms of bytes. Decoders are strict: canonical padding and trailing bits, no white space.
#pragma once

#include <string>
#include <string_view>

#include "common/result.h"

namespace orama::crypto {

std::string to_hex(std::string_view bytes);           // lower case
Result<std::string> from_hex(std::string_view text);  // either case, even length
std::string to_base64(std::string_view bytes);        // RFC 4648 section 4, padded
Result<std::string> from_base64(std::string_view text);
std::string to_base64url(std::string_view bytes);  // RFC 4648 section 5, unpadded
Result<std::string> from_base64url(std::string_view text);

}  // namespace orama::crypto
