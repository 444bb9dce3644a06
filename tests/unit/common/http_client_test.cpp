#include "common/http_client.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "common/result.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_server.h"

namespace orama {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using tests::TinyServer;

const char* const kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nx-a:  2 \r\n\r\nok";

HttpRequest get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  return request;
}

Result<HttpResponse> send(const HttpRequest& request) {
  return CurlHttpClient().send(request);
}

// A loopback port on which nobody listens for the life of the object.
class ClosedPort {
 public:
  ClosedPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), length) == 0);
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  ~ClosedPort() { ::close(socket_); }

  std::string url;

 private:
  int socket_;
};

TEST_CASE("an answer comes back with status, headers and body") {
  TinyServer server = TinyServer::on_loopback(tests::bytes(kOk));
  const auto answer = send(get(server.url() + "/v1/health?x=1"));
  REQUIRE(answer.ok());
  CHECK(answer->status == 200);
  CHECK(answer->body == "ok");
  CHECK(answer->headers.at("x-a") == "2");
  CHECK(answer->headers.at("content-length") == "2");
  CHECK(server.request().starts_with("GET /v1/health?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"));
}

TEST_CASE("what is sent: method, headers, body, credentials; nothing that was not asked for") {
  TinyServer server = TinyServer::on_loopback(tests::bytes("HTTP/1.1 204 No Content\r\n\r\n"));
  HttpRequest request = get(server.url() + "/db");
  request.method = "POST";
  request.headers = {"Content-Type: application/json", "X-Trace: abc"};
  request.body = std::string("[1,\0]", 5);
  request.user = "agent";
  request.password = "pass word";
  const auto answer = send(request);
  REQUIRE(answer.ok());
  CHECK(answer->status == 204);
  const std::string sent = server.request();
  CHECK(sent.starts_with("POST /db HTTP/1.1\r\n"));
  CHECK(sent.find("\r\nContent-Type: application/json\r\n") != std::string::npos);
  CHECK(sent.find("\r\nX-Trace: abc\r\n") != std::string::npos);
  CHECK(sent.find("\r\nContent-Length: 5\r\n") != std::string::npos);
  CHECK(sent.find("\r\nAuthorization: Basic YWdlbnQ6cGFzcyB3b3Jk\r\n") != std::string::npos);
  CHECK(sent.ends_with(std::string("\r\n\r\n[1,\0]", 9)));
  CHECK(sent.find("Expect:") == std::string::npos);
  CHECK(sent.find("form-urlencoded") == std::string::npos);
}

TEST_CASE("a unix socket is reached by its path") {
  const tests::TemporaryFolder folder;
  TinyServer server = TinyServer::on_unix_socket(folder.file("admin.sock"), tests::bytes(kOk));
  HttpRequest request = get("http://orama/admin/status");
  request.unix_socket = folder.file("admin.sock");
  request.method = "DELETE";
  CHECK(send(request).value().status == 200);
  CHECK(server.request().starts_with("DELETE /admin/status HTTP/1.1\r\nHost: orama\r\n"));
}

TEST_CASE("error statuses and redirects are answers, not errors, and are not followed") {
  for (const char* status :
       {"302 Found", "401 Unauthorized", "404 Not Found", "500 Oops", "503 Busy"}) {
    CAPTURE(std::string(status));
    TinyServer server = TinyServer::on_loopback(
        tests::bytes("HTTP/1.1 " + std::string(status) +
                     "\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"));
    const auto answer = send(get(server.url()));
    REQUIRE(answer.ok());
    CHECK(std::to_string(answer->status) == std::string(status).substr(0, 3));
  }
}

TEST_CASE("an interim answer leaves no headers behind; HEAD waits for no body") {
  TinyServer interim =
      TinyServer::on_loopback(tests::bytes("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 "
                                           "200 OK\r\nContent-Length: 0\r\n\r\n"));
  CHECK_FALSE(send(get(interim.url())).value().headers.contains("x-early"));
  TinyServer head =
      TinyServer::on_loopback(tests::bytes("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"));
  HttpRequest request = get(head.url());
  request.method = "HEAD";
  CHECK(send(request).value().headers.at("content-length") == "99");
}

TEST_CASE("nobody there is `unreachable` and names the address") {
  const ClosedPort port;
  const auto refused = send(get(port.url + "/x?token=hidden-token"));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::unreachable);
  CHECK(refused.error().message.starts_with("GET " + port.url + "/x: "));
  CHECK(refused.error().message.find("hidden-token") == std::string::npos);
  HttpRequest request = get("http://orama/x");
  request.unix_socket = "/nonexistent/admin.sock";
  const auto missing = send(request);
  CHECK(missing.error().code == Errc::unreachable);
  CHECK(missing.error().message.find("on /nonexistent/admin.sock") != std::string::npos);
  CHECK(send(get("http://no-such-host.invalid/")).error().code == Errc::unreachable);
}

TEST_CASE("no answer in time is `timeout`, also when a part of it came") {
  for (const auto& answer :
       {tests::silence(), TinyServer::Answer([](int connection) {
          tests::bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")(connection);
          tests::silence()(connection);
        })}) {
    TinyServer server = TinyServer::on_loopback(answer);
    HttpRequest request = get(server.url());
    request.timeout = 100ms;
    request.user = "u";
    request.password = "secret-password";
    const auto late = send(request);
    REQUIRE_FALSE(late.ok());
    CHECK(late.error().code == Errc::timeout);
    CHECK(late.error().message == "GET " + server.url() + ": no complete answer within 100 ms");
  }
}

TEST_CASE("a broken or wrong answer is `failed` and shows no password") {
  for (const char* text :
       {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "garbage\r\n\r\n"}) {
    CAPTURE(std::string(text));
    TinyServer server = TinyServer::on_loopback(tests::bytes(text));
    HttpRequest request = get(server.url());
    request.user = "u";
    request.password = "secret-password";
    const auto broken = send(request);
    REQUIRE_FALSE(broken.ok());
    CHECK(broken.error().code == Errc::failed);
    CHECK(broken.error().full_message().find("secret-password") == std::string::npos);
  }
}

TEST_CASE("an answer of exactly the limit is taken, one byte more is `too_large`") {
  const std::string body(1000, 'x');
  for (const bool chunked : {false, true}) {
    const std::string text = chunked
                                 ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" +
                                       body + "\r\n0\r\n\r\n"
                                 : "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + body;
    for (const std::size_t limit : {1000UL, 999UL}) {
      CAPTURE(limit);
      TinyServer server = TinyServer::on_loopback(tests::bytes(text));
      HttpRequest request = get(server.url());
      request.max_response_bytes = limit;
      const auto answer = send(request);
      CHECK(answer.ok() == (limit == 1000));
      CHECK((answer.ok() || answer.error().code == Errc::too_large));
    }
  }
}

TEST_CASE("endless headers are `too_large`") {
  TinyServer server = TinyServer::on_loopback([](int connection) {
    tests::bytes("HTTP/1.1 200 OK\r\n")(connection);
    for (int i = 0; i < 400; ++i) {
      tests::bytes("X-" + std::to_string(i) + ": " + std::string(1000, 'x') + "\r\n")(connection);
    }
  });
  const auto answer = send(get(server.url()));
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == Errc::too_large);
}

TEST_CASE("a call that waits is cancelled from another thread") {
  std::atomic<bool> cancelled{false};
  TinyServer server = TinyServer::on_loopback(TinyServer::Answer([&](int connection) {
    cancelled = true;  // only once the request has arrived
    tests::silence()(connection);
  }));
  HttpRequest request = get(server.url());
  request.timeout = 60s;
  request.cancelled = &cancelled;
  const auto answer = send(request);
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == Errc::interrupted);
}

TEST_CASE("no proxy of the environment is used") {
  const ClosedPort proxy;
  ::setenv("http_proxy", proxy.url.c_str(), 1);
  ::setenv("all_proxy", proxy.url.c_str(), 1);
  TinyServer server = TinyServer::on_loopback(tests::bytes(kOk));
  CHECK(send(get(server.url())).ok());
  ::unsetenv("http_proxy");
  ::unsetenv("all_proxy");
}

TEST_CASE(
    "requests that would say something else than they seem to are refused before anything is "
    "sent") {
  std::vector<HttpRequest> bad(9, get("http://127.0.0.1:1/"));
  bad[0].headers = {"X-A: 1\r\nX-B: 2"};
  bad[1].headers = {"no colon"};
  bad[2].method = "GET /x";
  bad[3].method = "";
  bad[4].url = "file:///etc/passwd";
  bad[5].url = "http://user:pass@127.0.0.1/";
  bad[6].user = "a:b";
  bad[7].password = "without user";
  bad[8].headers = {std::string("X-A: 1\0", 7)};
  for (std::size_t i = 0; i < bad.size(); ++i) {
    CAPTURE(i);
    const auto answer = send(bad[i]);
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().code == Errc::invalid_argument);
    CHECK(answer.error().message.find("pass@") == std::string::npos);
  }
}

}  // namespace
}  // namespace orama
