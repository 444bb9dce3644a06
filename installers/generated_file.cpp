#include "installers/generated_file.h"

#include <string>
#include <string_view>

#include "common/crypto/encoding.h"
#include "common/crypto/hash.h"

namespace orama::installers {
namespace {

constexpr std::string_view kLine =
    "# Written by `orama install`; hand edits are reported, not overwritten. sha256:";

std::string hash_of(std::string_view content) {
  return crypto::to_hex(crypto::sha256(content));
}

}  // namespace

std::string with_generated_line(const std::string& path, std::string_view content) {
  if (path.ends_with(".json")) {
    return std::string(content);
  }
  std::string result(kLine);
  result += hash_of(content);
  result += '\n';
  result += content;
  return result;
}

Authorship authorship(std::string_view content) {
  if (!content.starts_with(kLine)) {
    return Authorship::foreign;
  }
  const std::string_view line = content.substr(0, content.find('\n'));
  return line.substr(kLine.size()) == hash_of(without_generated_line(content))
             ? Authorship::ours
             : Authorship::hand_edited;
}

std::string_view without_generated_line(std::string_view content) {
  if (!content.starts_with(kLine)) {
    return content;
  }
  const std::size_t end = content.find('\n');
  return end == std::string_view::npos ? std::string_view() : content.substr(end + 1);
}

}  // namespace orama::installers
