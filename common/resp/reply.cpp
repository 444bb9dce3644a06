#include "common/resp/reply.h"

#include <span>
#include <string>

namespace orama::resp {

std::string encode_command(std::span<const std::string> words) {
  std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    bytes += "$" + std::to_string(word.size()) + "\r\n";
    bytes += word;
    bytes += "\r\n";
  }
  return bytes;
}

}  // namespace orama::resp
