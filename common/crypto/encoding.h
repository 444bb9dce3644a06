// Text forms of bytes. Decoders are strict: canonical padding and trailing bits, no white space.
#pragma once

#include <cstddef>
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
// Bitcoin's alphabet (draft-msporny-base58), of short values: quadratic in the length. Decodes at
// most kMaxBase58 characters.
inline constexpr std::size_t kMaxBase58 = 128;
std::string to_base58(std::string_view bytes);
Result<std::string> from_base58(std::string_view text);

}  // namespace orama::crypto
