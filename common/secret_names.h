// Which names of fields and keys stand for secrets, decided once for logs and for messages about
// configuration.
#pragma once

#include <string_view>

namespace orama {

// True for names with a word like password, secret, token, credential, cookie, authorization or
// (unless it is public) key, in snake_case, kebab-case, dotted or camelCase.
bool is_secret_name(std::string_view name);

}  // namespace orama
