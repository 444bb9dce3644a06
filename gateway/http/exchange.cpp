#include "gateway/http/exchange.h"

#include "gateway/http/message.h"

namespace orama::gateway::http {

void Exchange::reset() {
  head.reset();
  request = Request();
  bytes_in = 0;
  response = Response();
  header_lines.clear();
  close = false;
  over_https = false;
  request_id.clear();
  traceparent.clear();
  client_ip.clear();
  principal.clear();
  name_space.clear();
  operation = {};
  operation_index = 0;
}

}  // namespace orama::gateway::http
