#include "common/log.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "common/atomic_file.h"
#include "common/clock.h"
#include "common/result.h"
#include "tests/support/temporary_folder.h"

namespace orama {
namespace {

using nlohmann::json;

// The lines that `use` logs into a file, parsed.
template <class Use>
std::vector<json> lines_of(LogLevel level, Use use) {
  const tests::TemporaryFolder folder;
  use(Log::to_file(folder.file("log"), level).value());
  const std::string text = read_file(folder.file("log")).value();
  std::vector<json> lines;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = text.find('\n', at);
    REQUIRE(end != std::string::npos);
    lines.push_back(json::parse(text.substr(at, end - at)));
    at = end + 1;
  }
  return lines;
}

TEST_CASE("one JSON object a line, with time, level, logger, message, fields and correlation") {
  const auto lines = lines_of(LogLevel::debug, [](const Log& log) {
    log.debug("starting");
    log.named("gateway").with_correlation("req-1").warn("slow \"answer\"\n",
                                                        {{"path", "/v1"}, {"ms", "12"}});
  });
  REQUIRE(lines.size() == 2);
  CHECK(parse_rfc3339(lines[0]["time"].get<std::string>()).ok());
  CHECK(lines[0]["level"] == "DEBUG");
  CHECK(lines[0]["message"] == "starting");
  CHECK_FALSE(lines[0].contains("correlation_id"));
  CHECK(lines[1]["level"] == "WARN");
  CHECK(lines[1]["logger"] == "gateway");
  CHECK(lines[1]["message"] == "slow \"answer\"\n");
  CHECK(lines[1]["correlation_id"] == "req-1");
  CHECK(lines[1]["path"] == "/v1");
  CHECK(lines[1]["ms"] == "12");
}

TEST_CASE("for a person: the same in one line of text, whatever it holds") {
  const tests::TemporaryFolder folder;
  {
    const Log log = Log::to_file(folder.file("log"), LogLevel::info, LogFormat::text).value();
    log.redact("hunter2222");
    log.named("health").info("up", {{"check", "registry"}, {"note", "two\nlines hunter2222"}});
    log.info("first\nsecond");
    log.debug("below the level");
  }
  const std::string text = read_file(folder.file("log")).value();
  const std::string first = text.substr(0, text.find('\n'));
  CHECK(first.size() > 13);
  CHECK(first[2] == ':');
  CHECK(first.substr(12) == " INFO health: up check=\"registry\" note=\"two\\nlines [redacted]\"");
  const std::string second = text.substr(first.size() + 1);
  CHECK(second.substr(12) == " INFO first\\nsecond\n");
}

TEST_CASE("an error is told with its context, code and hint") {
  const auto lines = lines_of(LogLevel::info, [](const Log& log) {
    Error error = make_error(Errc::unreachable, "nothing answers", "orama status");
    error.context = {"reading the registry"};
    log.error("a probe failed", error, {{"check", "registry"}});
    log.error("plain", {{"a", "b"}});
  });
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["error"] == "reading the registry: nothing answers");
  CHECK(lines[0]["error_code"] == "unreachable");
  CHECK(lines[0]["hint"] == "orama status");
  CHECK(lines[0]["check"] == "registry");
  CHECK(lines[1]["a"] == "b");
}

TEST_CASE("lines below the level are not written") {
  const auto lines = lines_of(LogLevel::warn, [](const Log& log) {
    log.debug("no");
    log.info("no");
    log.warn("yes");
    log.error("yes");
  });
  CHECK(lines.size() == 2);
}

TEST_CASE("a field never replaces one of the line's own") {
  const auto lines = lines_of(LogLevel::info, [](const Log& log) {
    log.info("real", {{"message", "forged"}, {"level", "DEBUG"}, {"time", "never"}});
  });
  CHECK(lines[0]["message"] == "real");
  CHECK(lines[0]["field_message"] == "forged");
  CHECK(lines[0]["level"] == "INFO");
}

TEST_CASE("bytes that are not UTF-8 do not lose the line") {
  const auto lines =
      lines_of(LogLevel::info, [](const Log& log) { log.info("a\xff", {{"b", "\xc0\xaf"}}); });
  CHECK(lines[0]["message"] == "a\ufffd");
}

TEST_CASE("planted secrets come out nowhere in a line") {
  const std::string secret = "hunter2-hunter2";
  const auto lines = lines_of(LogLevel::debug, [&](const Log& log) {
    log.redact(secret);
    log.redact("hunter2-hunter2-and-more");
    const Log other = log.named("n-" + secret).with_correlation("c-" + secret);
    Error error = make_error(Errc::failed, "m " + secret, "h " + secret);
    error.context = {"x " + secret};
    other.error("say " + secret + secret, error,
                {{"plain", "v=" + secret + "!"}, {"f-" + secret, "x"}});
    other.info("hunter2-hunter2-and-more");
    log.info("hunter2-hunter2", {{"message", secret}});
  });
  for (const json& line : lines) {
    CAPTURE(line.dump());
    CHECK(line.dump().find("hunter2") == std::string::npos);
  }
  CHECK(lines[0]["message"] == "say [redacted][redacted]");
  CHECK(lines[0]["plain"] == "v=[redacted]!");
  CHECK(lines[1]["message"] == "[redacted]");  // not "[redacted]-and-more"
}

TEST_CASE("a secret too short to tell from text is not blanked") {
  const auto lines = lines_of(LogLevel::info, [](const Log& log) {
    log.redact("start");
    log.redact("");
    log.info("starting");
  });
  CHECK(lines[0]["message"] == "starting");
}

TEST_CASE("fields named like secrets are blanked, their neighbours are not") {
  const auto lines = lines_of(LogLevel::info, [](const Log& log) {
    log.info("m", {{"password", "a"},
                   {"api_key", "b"},
                   {"wg_public_key", "c"},
                   {"token", ""},
                   {"user", "d"}});
  });
  CHECK(lines[0]["password"] == "[redacted]");
  CHECK(lines[0]["api_key"] == "[redacted]");
  CHECK(lines[0]["wg_public_key"] == "c");
  CHECK(lines[0]["token"] == "");
  CHECK(lines[0]["user"] == "d");
}

TEST_CASE("lines of several threads stay whole") {
  const auto lines = lines_of(LogLevel::info, [](const Log& log) {
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&log] {
        for (int k = 0; k < 100; ++k) {
          log.redact("secret-" + std::to_string(k));
          log.info(std::string(200, 'x'));
        }
      });
    }
    for (auto& thread : threads) {
      thread.join();
    }
  });
  CHECK(lines.size() == 400);
}

TEST_CASE("a log file has mode 0640, is appended to, and is never a link") {
  const tests::TemporaryFolder folder;
  const mode_t umask_before = ::umask(0);
  Log::to_file(folder.file("log"), LogLevel::info).value().info("one");
  ::umask(umask_before);
  Log::to_file(folder.file("log"), LogLevel::info).value().info("two");
  struct stat status{};
  REQUIRE(::stat(folder.file("log").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0640);
  const std::string text = read_file(folder.file("log")).value();
  CHECK(text.find("one") < text.find("two"));
  REQUIRE(::symlink("log", folder.file("link").c_str()) == 0);
  CHECK_FALSE(Log::to_file(folder.file("link"), LogLevel::info).ok());
  const auto missing = Log::to_file(folder.file("none/log"), LogLevel::info);
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().message ==
        "opening the log file " + folder.file("none/log") + ": No such file or directory");
}

TEST_CASE("levels are read in any case") {
  CHECK(parse_log_level("debug").value() == LogLevel::debug);
  CHECK(parse_log_level("INFO").value() == LogLevel::info);
  CHECK(parse_log_level("Warn").value() == LogLevel::warn);
  CHECK(parse_log_level("error").value() == LogLevel::error);
  for (const char* text : {"", "warning", "trace", "inf", "info "}) {
    CHECK(parse_log_level(text).ok() == false);
  }
}

TEST_CASE("a discarding log takes everything") {
  const Log log = Log::discard();
  log.redact("something");
  log.error("nothing");
  log.flush();
}

}  // namespace
}  // namespace orama
