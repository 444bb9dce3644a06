// A blocking RESP2 client of one connection, for programs without an event loop. Each command has
// the time given at connect. After an error that is no reply the connection is of no more use. One
// thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/resp/reply.h"
#include "common/result.h"

namespace orama::resp {

class RespClient {
 public:
  // unreachable: refused, or no answer in time.
  static Result<RespClient> connect(const mesh::IpAddress& address, std::uint16_t port,
                                    std::chrono::milliseconds timeout);
  ~RespClient();
  RespClient(RespClient&&) noexcept;
  RespClient& operator=(RespClient&&) noexcept;

  // An error reply is a value (is_error). Errors name none of the words: timeout, unreachable (the
  // peer closed, outcome unknown), too_large, failed (no RESP2).
  Result<RespReply> command(const std::vector<std::string>& words);

 private:
  struct Connection;
  explicit RespClient(std::unique_ptr<Connection> connection);

  std::unique_ptr<Connection> connection_;
};

}  // namespace orama::resp
