// Where the words of a command go. For people: text on standard output, notes and errors on
// standard error, colour only on a terminal. With --json: exactly one object on standard output,
//   {"version":1,"command":"status","ok":true,"data":{…}}
//   {"version":1,"command":"install","ok":false,"error":{"code","message","hint","details"?}}
// and nothing else there; notes and progress still go to standard error. Nothing is ever truncated.
// Safe from any thread (the commands shown by -v come from the plan's workers). Owns no stream.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/exit_code.h"
#include "common/result.h"

namespace orama::cli {

inline constexpr int kEnvelopeVersion = 1;

// What a command hands back when it ends.
struct Report {
  nlohmann::json data =
      nlohmann::json::object();     // --json; under error.details when `error` is set
  std::string text = {};            // for people; "" when all was said already
  std::optional<Error> error = {};  // the command failed although it has data to show
  ExitCode exit = ExitCode::ok;     // pending or unreachable where that is the answer
};

enum class Style { plain, strong, faint, good, warning, bad };

class Output {
 public:
  enum class Format { human, json };
  enum class Stream { plain, terminal };
  struct Settings {
    Format format = Format::human;
    Stream out = Stream::plain;
    Stream err = Stream::plain;
    bool colour = false;  // the caller may have colour at all (NO_COLOR and TERM=dumb say no)
  };

  Output(std::ostream& out, std::ostream& err, Settings settings)
      : out_(out), err_(err), settings_(settings) {}

  bool json() const { return settings_.format == Format::json; }
  bool err_is_terminal() const { return settings_.err == Stream::terminal; }

  // A line for people on standard output; nothing under --json.
  void say(std::string_view line = {});
  // A line on standard error, under --json too.
  void note(std::string_view line);
  // On a terminal: one line of standard error that the next output replaces. Elsewhere nothing.
  void live(std::string_view line);

  std::string paint(Style style, std::string_view text) const;      // as standard output shows it
  std::string paint_err(Style style, std::string_view text) const;  // as standard error shows it

  // The last word: the report's text, the envelope, or the error. Returns the exit status.
  ExitCode finish(std::string_view command, const Result<Report>& result);

 private:
  void clear_live();  // the lock is held
  void print_error(std::string_view command, const Error& error);

  std::ostream& out_;
  std::ostream& err_;
  Settings settings_;
  std::mutex lock_;
  bool live_shown_ = false;
};

// Columns padded to their widest cell, two blanks between; the last column is not padded. Colour
// codes in a cell do not count.
std::string format_table(const std::vector<std::vector<std::string>>& rows);

// "a, b, c"; `none` where there is nothing to list.
std::string joined(const std::vector<std::string>& words, std::string_view none = "");

// "12.3" of bytes.
std::string gibibytes(std::uint64_t bytes);

}  // namespace orama::cli
