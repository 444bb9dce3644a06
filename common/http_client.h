// A blocking HTTP/1.1 client over libcurl for the CLI, installers and the agent. Never on the
// gateway's request path. Reaches TCP addresses and unix sockets; every call has a deadline and a
// size limit; no redirects are followed; no proxy variable of the environment is read; no body or
// credential is logged.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "common/result.h"

namespace orama {

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http://host:port/path; with unix_socket the host part is only the Host header
  std::string unix_socket;           // path, or "" for TCP
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  std::string user, password;  // basic auth when user is not empty; never in argv, logs or errors
  std::string ca_file;         // PEM roots for https; "" = the system's
  // reported: a certificate that does not verify is no error; the answer says what is wrong with
  // it. Only for exchanges that trust no transport (join.md).
  enum class Certificate { required, reported } certificate = Certificate::required;
  std::chrono::milliseconds timeout{10000};
  std::size_t max_response_bytes = 8UL * 1024 * 1024;
  // Looked at about once a second (curl's progress callback); true ends the call with
  // `interrupted`.
  const std::atomic<bool>* cancelled = nullptr;
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names lower-cased; the last of equal names
  std::string body;
  std::string certificate_problem = {};  // Certificate::reported alone; "" when it verified
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Any HTTP status is a value. Errors: unreachable (nothing was sent), timeout (outcome unknown),
  // too_large, failed (TLS, a broken connection: outcome unknown too), invalid_argument.
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

// Safe from any thread; one easy handle per call.
class CurlHttpClient final : public HttpClient {
 public:
  Result<HttpResponse> send(const HttpRequest& request) override;
};

}  // namespace orama
