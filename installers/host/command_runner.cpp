#include "installers/host/command_runner.h"

#include <cctype>
#include <string>
#include <string_view>
#include <utility>

#include "common/result.h"

namespace orama::installers {
namespace {

bool is_plain(std::string_view text) {
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 &&
        std::string_view("-_./:=@%+,").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return !text.empty();
}

std::string quoted(const std::string& text) {
  if (is_plain(text)) {
    return text;
  }
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result + "'";
}

// The end of what a program said, on one line: where its error stands.
std::string last_words(std::string_view text) {
  constexpr std::size_t kMost = 400;
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.remove_suffix(1);
  }
  if (text.size() > kMost) {
    text.remove_prefix(text.size() - kMost);
  }
  std::string result(text);
  for (char& c : result) {
    if (c == '\n' || c == '\t' || c == '\r') {
      c = ' ';
    }
  }
  return result;
}

}  // namespace

std::string Command::to_string() const {
  std::string result;
  for (const std::string& argument : argv) {
    if (!result.empty()) {
      result += ' ';
    }
    result += quoted(argument);
  }
  return result;
}

Result<std::string> run_checked(CommandRunner& runner, const Command& command) {
  TRY(output, runner.run(command));
  if (!output.ok()) {
    std::string said = last_words(output.err.empty() ? output.out : output.err);
    return make_error(Errc::failed, "`" + command.to_string() + "` ended with status " +
                                        std::to_string(output.exit_status) +
                                        (said.empty() ? ", saying nothing" : ": " + said));
  }
  return std::move(output.out);
}

}  // namespace orama::installers
