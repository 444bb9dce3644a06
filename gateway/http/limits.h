// Sizes and durations of the transport (http-api.md 2). Sizes are inclusive: a message of exactly
// the limit is taken. Durations are passed in, so that tests shorten them.
#pragma once

#include <chrono>
#include <cstddef>

namespace orama::gateway::http {

inline constexpr std::size_t kMaxRequestLine = 16UL * 1024;  // without its CRLF
inline constexpr std::size_t kMaxHeaderBytes = 32UL * 1024;  // all fields with their CRLFs
inline constexpr std::size_t kMaxHeaderFields = 100;
inline constexpr std::size_t kMaxChunkSizeDigits = 16;
inline constexpr std::size_t kMaxChunkExtension = 256;       // from ';' to the end of the line
inline constexpr std::size_t kMaxDroppedBody = 64UL * 1024;  // sent to a route that takes none

struct Timeouts {
  std::chrono::milliseconds head{10'000};   // from the first byte; on a new connection from accept
  std::chrono::milliseconds body{60'000};   // between two bytes
  std::chrono::milliseconds write{60'000};  // between two bytes taken by the client
  std::chrono::milliseconds idle{180'000};  // between requests; above Caddy's two minutes
  std::chrono::milliseconds linger{1'000};  // after a closing answer: reads on, so that it arrives
  std::chrono::milliseconds drain_grace{
      200};  // a drain waits so long for the first byte of a new connection
  std::chrono::milliseconds tick{100};  // how often deadlines are looked at
};

}  // namespace orama::gateway::http
