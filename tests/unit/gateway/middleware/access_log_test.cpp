#include "gateway/middleware/access_log.h"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/atomic_file.h"
#include "common/log.h"
#include "tests/support/temporary_folder.h"

namespace orama::gateway::middleware {

namespace {

std::unique_ptr<AccessLog> open_log(AccessLog::Options options) {
  return AccessLog::open(std::move(options), Log::discard()).value();
}

AccessRecord record(std::string_view path) {
  AccessRecord made;
  made.time = WallTime(std::chrono::milliseconds(1'700'000'000'007));
  made.request_id = "r";
  made.path = path;
  made.status = 200;
  made.duration = std::chrono::microseconds(1234);
  return made;
}

std::ptrdiff_t line_count(const std::string& path) {
  const std::string text = read_file(path).value();
  return std::count(text.begin(), text.end(), '\n');
}

}  // namespace

TEST_CASE("a line is a JSON object whatever the texts hold") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("access.log");
  AccessLog::Options options;
  options.path = path;
  const auto log = open_log(options);
  log->write(record("/a\"b\\c\n\x01\xFF"));
  log->flush();
  const nlohmann::json line = nlohmann::json::parse(read_file(path).value());
  CHECK(line["time"] == "2023-11-14T22:13:20.007Z");
  CHECK(line["path"] == "/a\"b\\c\n\x01\xC3\xBF");
  CHECK(line["duration_us"] == 1234);
  CHECK_FALSE(line.contains("principal"));
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
}

TEST_CASE("lines of many threads all arrive, whole") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("access.log");
  constexpr int kThreads = 4;
  constexpr int kLines = 2000;
  AccessLog::Options options;
  options.path = path;
  options.flush_bytes = 4096;
  {
    const auto log = open_log(options);
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < kLines; ++k) {
          log->write(record("/x"));
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    CHECK(log->dropped_lines() == 0);
  }  // the last lines are written when it is closed
  CHECK(line_count(path) == kThreads * kLines);
}

TEST_CASE("after the file was moved away, reopen begins a new one") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("access.log");
  AccessLog::Options options;
  options.path = path;
  const auto log = open_log(options);
  log->write(record("/1"));
  log->flush();
  REQUIRE(std::rename(path.c_str(), folder.file("access.log.1").c_str()) == 0);
  log->reopen();
  log->flush();
  log->write(record("/2"));
  log->flush();
  CHECK(line_count(folder.file("access.log.1")) == 1);
  CHECK(line_count(path) == 1);
}

TEST_CASE("a full disk drops lines, counts them, and goes on") {
  AccessLog::Options options;
  options.path = "/dev/full";
  const auto log = open_log(options);
  log->write(record("/1"));
  log->write(record("/2"));
  log->flush();
  CHECK(log->dropped_lines() == 2);
}

TEST_CASE("a buffer does not grow past its limit") {
  const tests::TemporaryFolder folder;
  AccessLog::Options options;
  options.path = folder.file("access.log");
  options.drop_bytes = 1;  // no line fits
  const auto log = open_log(options);
  log->write(record("/1"));
  CHECK(log->dropped_lines() == 1);
}

TEST_CASE("a file that cannot be opened is an error with a next step") {
  AccessLog::Options options;
  options.path = "/nowhere/access.log";
  const auto log = AccessLog::open(options, Log::discard());
  REQUIRE_FALSE(log.ok());
  CHECK(log.error().message ==
        "opening the access log /nowhere/access.log: No such file or directory");
  CHECK(log.error().hint == "look at log.access in the configuration");
}

TEST_CASE("without a path nothing is written and nothing fails") {
  const auto log = open_log({});
  log->write(record("/1"));
  log->flush();
  log->reopen();
  CHECK(log->dropped_lines() == 0);
}

}  // namespace orama::gateway::middleware
