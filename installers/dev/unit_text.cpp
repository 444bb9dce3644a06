#include "installers/dev/unit_text.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"

namespace orama::installers {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_comment(std::string_view line) {
  return line.starts_with('#') || line.starts_with(';');
}

Error at_line(int number, const std::string& what) {
  return make_error(Errc::invalid_argument, "line " + std::to_string(number) + ": " + what);
}

// Lines of a text, one after the other.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  bool next(std::string_view& line) {
    if (rest_.empty()) {
      return false;
    }
    const std::size_t end = rest_.find('\n');
    line = trimmed(rest_.substr(0, end));
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++number_;
    return true;
  }
  int number() const { return number_; }

 private:
  std::string_view rest_;
  int number_ = 0;
};

// A line that ends with \ goes on in the next; comments between are left out.
std::string whole_line(Lines& lines, std::string_view line) {
  std::string whole(line);
  while (whole.ends_with('\\')) {
    whole.pop_back();
    std::string_view more;
    do {
      if (!lines.next(more)) {
        return whole;
      }
    } while (is_comment(more));
    whole += ' ';
    whole += more;
  }
  return whole;
}

char escaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 's':
      return ' ';
    default:
      return c;
  }
}

}  // namespace

Result<std::vector<UnitLine>> parse_unit_text(std::string_view text) {
  std::vector<UnitLine> result;
  std::string section;
  Lines lines(text);
  std::string_view line;
  while (lines.next(line)) {
    if (line.empty() || is_comment(line)) {
      continue;
    }
    const int number = lines.number();
    if (line.starts_with('[')) {
      if (!line.ends_with(']') || line.size() < 3) {
        return at_line(number, "found `" + std::string(line) + "`, expected [Section]");
      }
      section = line.substr(1, line.size() - 2);
      continue;
    }
    const std::string whole = whole_line(lines, line);
    const std::size_t equals = whole.find('=');
    if (section.empty() || equals == std::string::npos || equals == 0) {
      return at_line(number, "found `" + whole + "`, expected Name=value in a section");
    }
    result.push_back({section, std::string(trimmed(std::string_view(whole).substr(0, equals))),
                      std::string(trimmed(std::string_view(whole).substr(equals + 1))), number});
  }
  return result;
}

Result<std::vector<std::string>> split_unit_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = '\0';
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\' && at + 1 < text.size()) {
      word += escaped(text[++at]);
      in_word = true;
    } else if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        word += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      in_word = true;
    } else if (kBlanks.find(c) == std::string_view::npos) {
      word += c;
      in_word = true;
    } else if (in_word) {
      words.push_back(std::exchange(word, {}));
      in_word = false;
    }
  }
  if (quote != '\0') {
    return make_error(Errc::invalid_argument,
                      "found `" + std::string(text) + "`, expected the end of its quote");
  }
  if (in_word) {
    words.push_back(std::move(word));
  }
  return words;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_environment_file(
    std::string_view text) {
  std::vector<std::pair<std::string, std::string>> variables;
  Lines lines(text);
  std::string_view line;
  while (lines.next(line)) {
    if (line.empty() || is_comment(line)) {
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return at_line(lines.number(), "found no NAME=value");
    }
    const std::string_view value = trimmed(line.substr(equals + 1));
    std::string plain(value);
    if (value.starts_with('"') || value.starts_with('\'')) {
      auto words = split_unit_words(value);
      if (!words.ok() || words->size() != 1) {
        return at_line(lines.number(), "found quotes that do not hold the whole value");
      }
      plain = std::move(words->front());
    }
    variables.emplace_back(std::string(trimmed(line.substr(0, equals))), std::move(plain));
  }
  return variables;
}

}  // namespace orama::installers
