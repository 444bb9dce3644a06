// How one value is written into each format of text_template.h. Control characters are C0, DEL, C1
// and the two Unicode line separators: each ends a line for some reader.
#pragma once

#include <string>
#include <string_view>

#include "common/result.h"
#include "common/text_template.h"

namespace orama {

// The value as the format writes it, or why the format cannot carry it (without quoting the value).
Result<std::string> escape_value(std::string_view value, TemplateFormat format);

// Code points of well-formed UTF-8 (RFC 3629), or invalid_argument.
Result<std::u32string> decode_utf8(std::string_view text);

}  // namespace orama
