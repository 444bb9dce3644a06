#include "installers/line_diff.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace orama::installers {
namespace {

constexpr std::size_t kAround = 3;
constexpr std::size_t kMostCells = 4'000'000;  // beyond: all old lines out, all new lines in

using Lines = std::vector<std::string_view>;

struct Edit {
  char sign;  // ' ', '-', '+'
  std::string_view line;
};

Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// Longest common subsequence by the textbook table: configuration files are short.
std::vector<Edit> edits(const Lines& a, const Lines& b) {
  std::vector<Edit> result;
  const bool small = (a.size() + 1) * (b.size() + 1) <= kMostCells;
  const std::size_t width = b.size() + 1;
  std::vector<unsigned> common(small ? (a.size() + 1) * width : 0);
  for (std::size_t i = a.size(); small && i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i * width + j] =
          a[i] == b[j] ? common[(i + 1) * width + j + 1] + 1
                       : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (small && i < a.size() && j < b.size() && a[i] == b[j]) {
      result.push_back({' ', a[i++]});
      ++j;
    } else if (i < a.size() && (!small || j == b.size() ||
                                common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      result.push_back({'-', a[i++]});
    } else {
      result.push_back({'+', b[j++]});
    }
  }
  return result;
}

// diff's convention: a range of no lines names the line before it.
std::string range(char sign, std::size_t first, std::size_t count) {
  return sign + std::to_string(count == 0 ? first : first + 1) + "," + std::to_string(count);
}

}  // namespace

std::string line_diff(std::string_view before, std::string_view after) {
  const std::vector<Edit> all = edits(split(before), split(after));
  std::vector<bool> shown(all.size(), false);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].sign != ' ') {
      const std::size_t from = i < kAround ? 0 : i - kAround;
      const std::size_t to = std::min(all.size(), i + kAround + 1);
      std::fill(shown.begin() + static_cast<std::ptrdiff_t>(from),
                shown.begin() + static_cast<std::ptrdiff_t>(to), true);
    }
  }
  std::string result;
  std::size_t old_line = 0;
  std::size_t new_line = 0;
  for (std::size_t i = 0; i < all.size();) {
    std::string body;
    std::size_t old_count = 0;
    std::size_t new_count = 0;
    const bool hunk = shown[i];
    for (; i < all.size() && shown[i] == hunk; ++i) {
      old_count += all[i].sign != '+' ? 1 : 0;
      new_count += all[i].sign != '-' ? 1 : 0;
      body += all[i].sign;
      body += all[i].line;
      body += '\n';
    }
    if (hunk) {
      result += "@@ " + range('-', old_line, old_count) + " " + range('+', new_line, new_count) +
                " @@\n" + body;
    }
    old_line += old_count;
    new_line += new_count;
  }
  return result;
}

}  // namespace orama::installers
