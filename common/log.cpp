#include "common/log.h"

#include <fcntl.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "common/clock.h"
#include "common/redactor.h"
#include "common/result.h"

namespace orama {

struct Log::Sink {
  Sink(spdlog::sink_ptr sink, LogLevel lowest, LogFormat its_format)
      : logger("orama", std::move(sink)), level(lowest), format(its_format) {
    // The line is made here; spdlog writes it and nothing more.
    logger.set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
    logger.set_level(spdlog::level::trace);
    logger.flush_on(spdlog::level::trace);
  }

  spdlog::logger logger;
  LogLevel level;
  LogFormat format;
  Redactor redactor;
};

namespace {

constexpr std::array<std::string_view, 8> kOwnFields{
    "time", "level", "logger", "message", "correlation_id", "error", "error_code", "hint"};

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "DEBUG";
    case LogLevel::info:
      return "INFO";
    case LogLevel::warn:
      return "WARN";
    case LogLevel::error:
      return "ERROR";
  }
  assertion_failed("a known LogLevel", __FILE__, __LINE__);
}

// Bytes that are not UTF-8 become U+FFFD instead of an exception.
std::string dumped(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

// `17:13:32.041 INFO health: up check="registry"`: values stay JSON, so a line is one line.
std::string as_text(const nlohmann::ordered_json& line) {
  constexpr std::size_t kDate = std::string_view("2026-11-24T").size();
  const auto& time = line.at("time").get_ref<const std::string&>();
  const auto& logger = line.at("logger").get_ref<const std::string&>();
  const std::string message = dumped(line.at("message"));
  std::string text = time.substr(kDate, time.size() - kDate - 1) + " " +
                     line.at("level").get_ref<const std::string&>() + " " +
                     (logger.empty() ? "" : logger + ": ") + message.substr(1, message.size() - 2);
  for (const auto& [name, value] : line.items()) {
    if (name != "time" && name != "level" && name != "logger" && name != "message") {
      text += " " + name + "=" + dumped(value);
    }
  }
  return text;
}

// Creates the file with its mode, which the library would leave to the umask.
Result<void> prepare_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0640);
  if (fd < 0) {
    return make_error(errno == EACCES ? Errc::not_allowed : Errc::failed,
                      "opening the log file " + path + ": " + std::strerror(errno));
  }
  struct stat status{};
  const bool private_enough = ::fstat(fd, &status) == 0 && (status.st_mode & 07777U) == 0640;
  const int error = private_enough || ::fchmod(fd, 0640) == 0 ? 0 : errno;
  ::close(fd);
  if (error != 0) {
    return make_error(Errc::failed,
                      "setting mode 0640 of the log file " + path + ": " + std::strerror(error));
  }
  return {};
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error}) {
    const std::string_view name = name_of(level);
    const bool same = std::equal(
        name.begin(), name.end(), text.begin(), text.end(),
        [](char a, char b) { return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b); });
    if (same) {
      return level;
    }
  }
  return make_error(Errc::invalid_argument, "found the log level \"" +
                                                std::string(text.substr(0, 40)) +
                                                "\", expected debug, info, warn or error");
}

Log Log::to_stderr(LogLevel level, LogFormat format) {
  return Log(
      std::make_shared<Sink>(std::make_shared<spdlog::sinks::stderr_sink_mt>(), level, format));
}

Result<Log> Log::to_file(const std::string& path, LogLevel level, LogFormat format) {
  TRY_VOID(prepare_file(path));
  try {
    return Log(std::make_shared<Sink>(std::make_shared<spdlog::sinks::basic_file_sink_mt>(path),
                                      level, format));
  } catch (const spdlog::spdlog_ex& error) {
    return make_error(Errc::failed, "opening the log file " + path + ": " + error.what());
  }
}

Log Log::discard() {
  return Log(std::make_shared<Sink>(std::make_shared<spdlog::sinks::null_sink_mt>(),
                                    LogLevel::error, LogFormat::json));
}

void Log::debug(std::string_view message, LogFields fields) const {
  write(LogLevel::debug, message, fields, nullptr);
}

void Log::info(std::string_view message, LogFields fields) const {
  write(LogLevel::info, message, fields, nullptr);
}

void Log::warn(std::string_view message, LogFields fields) const {
  write(LogLevel::warn, message, fields, nullptr);
}

void Log::error(std::string_view message, LogFields fields) const {
  write(LogLevel::error, message, fields, nullptr);
}

void Log::error(std::string_view message, const Error& error, LogFields fields) const {
  write(LogLevel::error, message, fields, &error);
}

Log Log::named(std::string name) const {
  Log other = *this;
  other.name_ = std::move(name);
  return other;
}

Log Log::with_correlation(std::string id) const {
  Log other = *this;
  other.correlation_ = std::move(id);
  return other;
}

void Log::redact(std::string_view secret) const {
  sink_->redactor.add(secret);
}

void Log::flush() const {
  sink_->logger.flush();
}

void Log::write(LogLevel level, std::string_view message, LogFields fields,
                const Error* error) const {
  if (level < sink_->level) {
    return;
  }
  const Redactor& redactor = sink_->redactor;
  nlohmann::ordered_json line;
  line["time"] = format_rfc3339(std::chrono::system_clock::now());
  line["level"] = name_of(level);
  line["logger"] = redactor.clean(name_);
  line["message"] = redactor.clean(std::string(message));
  if (!correlation_.empty()) {
    line["correlation_id"] = redactor.clean(correlation_);
  }
  if (error != nullptr) {
    line["error"] = redactor.clean(error->full_message());
    line["error_code"] = to_string(error->code);
    if (!error->hint.empty()) {
      line["hint"] = redactor.clean(error->hint);
    }
  }
  for (const auto& [name, value] : fields) {
    // A caller's field never replaces one of ours.
    const bool taken = std::find(kOwnFields.begin(), kOwnFields.end(), name) != kOwnFields.end();
    const std::string key = (taken ? "field_" : "") + redactor.clean(std::string(name));
    line[key] = redactor.clean_field(name, value);
  }
  sink_->logger.log(
      spdlog::level::info,
      spdlog::string_view_t(sink_->format == LogFormat::text ? as_text(line) : dumped(line)));
}

}  // namespace orama
