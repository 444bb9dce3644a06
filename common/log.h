// One JSON line per event on standard error (journald keeps it) or into a file: time, level,
// logger, message, the fields given, and the correlation id of the thread's current work. Levels
// are DEBUG INFO WARN ERROR. Every value passes the redactor: registered secrets and fields named
// like secrets come out as
// "[redacted]". Built on spdlog; spdlog types stay in log.cpp. Safe from any thread. Passed in, no
// global.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/result.h"

namespace orama {

enum class LogLevel { debug, info, warn, error };
enum class LogFormat { json, text };  // text: the same fields in one line for a person's eyes
Result<LogLevel> parse_log_level(std::string_view text);  // any case

using LogFields = std::initializer_list<std::pair<std::string_view, std::string>>;

class Log {
 public:
  struct Sink;  // in log.cpp
  // To standard error.
  static Log to_stderr(LogLevel level, LogFormat format = LogFormat::json);
  // To a file of mode 0640, appended.
  static Result<Log> to_file(const std::string& path, LogLevel level,
                             LogFormat format = LogFormat::json);
  // Drops everything (tests).
  static Log discard();

  void debug(std::string_view message, LogFields fields = {}) const;
  void info(std::string_view message, LogFields fields = {}) const;
  void warn(std::string_view message, LogFields fields = {}) const;
  void error(std::string_view message, LogFields fields = {}) const;
  void error(std::string_view message, const Error& error, LogFields fields = {}) const;

  // The same sink under another logger name, or with a correlation id on each line.
  Log named(std::string name) const;
  Log with_correlation(std::string id) const;

  // From now on `secret` never appears in any line of this sink (at least 6 bytes, else ignored).
  void redact(std::string_view secret) const;
  void flush() const;

 private:
  explicit Log(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}
  void write(LogLevel level, std::string_view message, LogFields fields, const Error* error) const;

  std::shared_ptr<Sink> sink_;
  std::string name_;
  std::string correlation_;
};

}  // namespace orama
