// A client that sends exactly the bytes it is told to and reads answers one by one. Blocking; every
// read has a deadline, so that a test which waits for what never comes fails.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace orama::gateway::http::testing {

struct Answer {
  int status = 0;  // 0: the connection ended before a whole answer had come
  std::map<std::string, std::string> headers;  // names lower-cased
  std::string head, body;
};

class RawClient {
 public:
  static RawClient tcp(int port);
  static RawClient unix_socket(const std::string& path);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool send(std::string_view bytes);
  enum class Body { as_framed, none };
  Answer read(Body body = Body::as_framed);
  // No more bytes: the other side has closed (or reset).
  bool is_closed();
  Answer ask(std::string_view bytes);

 private:
  explicit RawClient(int descriptor) : descriptor_(descriptor) {}
  bool receive();

  int descriptor_;
  std::string received_;
};

}  // namespace orama::gateway::http::testing
