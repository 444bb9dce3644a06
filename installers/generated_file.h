// The first line of a file that orama generates: says so and carries the hash of the rest, so that
// a hand edit is seen. Formats whose comments begin with # have it; JSON has no comments and goes
// without.
#pragma once

#include <string>
#include <string_view>

namespace orama::installers {

// `content` with that line before it, where the format of `path` has one.
std::string with_generated_line(const std::string& path, std::string_view content);

enum class Authorship {
  foreign,      // no such line
  ours,         // the line's hash is that of the rest
  hand_edited,  // it is not
};
Authorship authorship(std::string_view content);

// Without that line, for people to read and compare.
std::string_view without_generated_line(std::string_view content);

}  // namespace orama::installers
