#include "common/secret_names.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace orama {

namespace {

constexpr std::array<std::string_view, 10> kAnywhere{
    "password", "passwd", "passphrase", "secret",     "token",
    "cookie",   "apikey", "privatekey", "credential", "authorization"};
constexpr std::array<std::string_view, 5> kWords{"key", "keys", "pass", "psk", "seed"};

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
char lower(char c) {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

// "clientApiKey", "client-api.key" -> " client api key "
std::string as_words(std::string_view name) {
  std::string words = " ";
  char before = ' ';
  for (const char c : name) {
    const bool letter = (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9');
    if (!letter || (is_upper(c) && !is_upper(before))) {
      words += ' ';
    }
    if (letter) {
      words += lower(c);
    }
    before = c;
  }
  return words + " ";
}

}  // namespace

bool is_secret_name(std::string_view name) {
  const std::string words = as_words(name);
  std::string joined = words;
  joined.erase(std::remove(joined.begin(), joined.end(), ' '), joined.end());
  for (const std::string_view part : kAnywhere) {
    if (joined.find(part) != std::string::npos) {
      return true;
    }
  }
  if (words.find(" public ") != std::string::npos) {
    return false;
  }
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
    return words.find(" " + std::string(word) + " ") != std::string::npos;
  });
}

}  // namespace orama
