#include "cli/output.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/exit_code.h"
#include "common/result.h"

namespace orama::cli {
namespace {

std::string_view escape_code(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::strong:
      return "\x1b[1m";
    case Style::faint:
      return "\x1b[2m";
    case Style::good:
      return "\x1b[32m";
    case Style::warning:
      return "\x1b[33m";
    case Style::bad:
      return "\x1b[31m";
  }
  return "";
}

std::string painted(bool colour, Style style, std::string_view text) {
  if (!colour || style == Style::plain) {
    return std::string(text);
  }
  return std::string(escape_code(style)).append(text).append("\x1b[0m");
}

// Code points outside of escape sequences: what a terminal shows of the text.
std::size_t visible_width(std::string_view text) {
  std::size_t width = 0;
  bool escape = false;
  for (const char c : text) {
    if (escape) {
      escape = c != 'm';
    } else if (c == '\x1b') {
      escape = true;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++width;
    }
  }
  return width;
}

// Text of the host (a log line, a file name) may hold any byte: replaced, so that the envelope is
// always JSON.
std::string dump(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

nlohmann::json envelope(std::string_view command, const Result<Report>& result) {
  nlohmann::json body = {{"version", kEnvelopeVersion}, {"command", std::string(command)}};
  const Error* error = nullptr;
  if (!result.ok()) {
    error = &result.error();
  } else if (result->error) {
    error = &*result->error;
  }
  body["ok"] = error == nullptr;
  if (error == nullptr) {
    body["data"] = result->data;
    return body;
  }
  body["error"] = {{"code", std::string(to_string(error->code))},
                   {"message", error->full_message()},
                   {"hint", error->hint}};
  if (result.ok() && !result->data.empty()) {
    body["error"]["details"] = result->data;
  }
  return body;
}

ExitCode status_of(const Result<Report>& result) {
  if (!result.ok()) {
    return exit_code(result.error().code);
  }
  return result->error ? exit_code(result->error->code) : result->exit;
}

}  // namespace

void Output::say(std::string_view line) {
  if (json()) {
    return;
  }
  const std::lock_guard<std::mutex> hold(lock_);
  clear_live();
  out_ << line << '\n' << std::flush;
}

void Output::note(std::string_view line) {
  const std::lock_guard<std::mutex> hold(lock_);
  clear_live();
  err_ << line << '\n' << std::flush;
}

void Output::live(std::string_view line) {
  if (!err_is_terminal()) {
    return;
  }
  const std::lock_guard<std::mutex> hold(lock_);
  clear_live();
  err_ << line << std::flush;
  live_shown_ = true;
}

void Output::clear_live() {
  if (live_shown_) {
    err_ << "\r\x1b[K" << std::flush;
    live_shown_ = false;
  }
}

std::string Output::paint(Style style, std::string_view text) const {
  return painted(settings_.colour && settings_.out == Stream::terminal, style, text);
}

std::string Output::paint_err(Style style, std::string_view text) const {
  return painted(settings_.colour && settings_.err == Stream::terminal, style, text);
}

void Output::print_error(std::string_view command, const Error& error) {
  const std::string who = command.empty() ? "orama" : "orama " + std::string(command);
  note(paint_err(Style::bad, who + ":") + " " + error.full_message());
  if (!error.hint.empty()) {
    note(paint_err(Style::strong, "hint:") + " " + error.hint);
  }
}

ExitCode Output::finish(std::string_view command, const Result<Report>& result) {
  {
    const std::lock_guard<std::mutex> hold(lock_);
    clear_live();
  }
  if (json()) {
    out_ << dump(envelope(command, result)) << '\n' << std::flush;
    return status_of(result);
  }
  if (result.ok() && !result->text.empty()) {
    out_ << result->text << (result->text.back() == '\n' ? "" : "\n") << std::flush;
  }
  if (!result.ok()) {
    print_error(command, result.error());
  } else if (result->error) {
    print_error(command, *result->error);
  }
  return status_of(result);
}

std::string format_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], visible_width(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) {
        text.append(widths[i] - visible_width(row[i]) + 2, ' ');
      }
    }
    text.erase(text.find_last_not_of(' ') + 1);  // empty cells at the end leave no blanks
    text += '\n';
  }
  return text;
}

std::string joined(const std::vector<std::string>& words, std::string_view none) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text.empty() ? std::string(none) : text;
}

std::string gibibytes(std::uint64_t bytes) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(bytes) / (1ULL << 30U));
  return text.data();
}

}  // namespace orama::cli
