// What a connection asks for an answer: the seam between the transport and the pipeline.
#pragma once

#include <cstddef>

#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/exchange.h"

namespace orama::gateway::http {

// Called on the thread of the connection. Neither call throws.
class Service {
 public:
  virtual ~Service() = default;
  // Fills exchange.response and header_lines. The head is valid; the body has not been read.
  virtual Awaitable<void> serve(Exchange& exchange) = 0;
  // The same for a request that the transport refuses: malformed, too large, too slow, too many.
  virtual void refuse(Exchange& exchange, ApiError error) = 0;
  // After the answer was handed to the kernel: one line of access log, one count.
  virtual void finished(Exchange& exchange, std::size_t body_bytes_out) = 0;
};

}  // namespace orama::gateway::http
