// Variables in the words of a unit's command (systemd.service(5), Command lines).
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "installers/dev/unit_file.h"
#include "installers/dev/unit_text.h"

namespace orama::installers {
namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

// The last assignment counts.
std::string value_of(const Variables& environment, std::string_view name) {
  const auto found = std::find_if(environment.rbegin(), environment.rend(),
                                  [name](const auto& one) { return one.first == name; });
  return found == environment.rend() ? "" : found->second;
}

bool is_variable_name(std::string_view text) {
  return !text.empty() && text.find_first_not_of(
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
                              "wxyz0123456789_") == std::string_view::npos;
}

std::string expand(std::string_view word, const Variables& environment) {
  std::string result;
  while (!word.empty()) {
    const std::size_t dollar = word.find('$');
    result += word.substr(0, dollar);
    if (dollar == std::string_view::npos) {
      break;
    }
    word.remove_prefix(dollar);
    const std::size_t close = word.starts_with("${") ? word.find('}') : std::string_view::npos;
    if (word.starts_with("$$")) {
      result += '$';
      word.remove_prefix(2);
    } else if (close != std::string_view::npos) {
      result += value_of(environment, word.substr(2, close - 2));
      word.remove_prefix(close + 1);
    } else {
      result += '$';
      word.remove_prefix(1);
    }
  }
  return result;
}

}  // namespace

std::vector<std::string> expand_words(const UnitCommand& command, const Variables& environment) {
  std::vector<std::string> result;
  for (const std::string& word : command.words) {
    const std::string_view name = std::string_view(word).substr(word.starts_with('$') ? 1 : 0);
    if (word.starts_with('$') && is_variable_name(name)) {
      const auto words = split_unit_words(value_of(environment, name));
      if (words.ok()) {
        result.insert(result.end(), words->begin(), words->end());
      }
      continue;
    }
    result.push_back(expand(word, environment));
  }
  return result;
}

}  // namespace orama::installers
