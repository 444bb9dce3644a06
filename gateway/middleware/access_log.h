// One JSON line per request (http-api.md 3, row 2). A thread appends to a buffer of its own; one
// writer thread takes the buffers when they are full or a second old and writes them. No request
// waits for the disk: when it does not keep up, lines are dropped and counted. Holds no header,
// query, body or credential.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"

namespace orama::gateway::middleware {

struct AccessRecord {
  WallTime time;
  std::string_view request_id, trace_id, operation, method, path, client_ip, name_space, principal;
  int status = 0;
  std::size_t bytes_in = 0, bytes_out = 0;
  std::chrono::nanoseconds duration{};
};

class AccessLog {
 public:
  struct Options {
    std::string path;  // "-": standard error, "": none
    std::size_t flush_bytes = 64UL * 1024;
    std::size_t drop_bytes = 1024UL * 1024;  // a thread's buffer never grows past it
    std::chrono::milliseconds flush_every{1000};
  };
  // Opens the file (0640, appended) and starts the writer.
  static Result<std::unique_ptr<AccessLog>> open(Options options, const Log& log);
  ~AccessLog();  // writes what is left
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  void write(const AccessRecord& record);
  void reopen();  // after logrotate moved the file
  void flush();   // returns when everything written before is in the file
  std::uint64_t dropped_lines() const;

 private:
  struct State;
  explicit AccessLog(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace orama::gateway::middleware
