#include "common/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/result.h"

namespace orama {

namespace {

constexpr std::size_t kMaxHeaderBytes = 256UL * 1024;

struct Transfer {
  HttpResponse response;
  std::size_t limit = 0;
  std::size_t header_bytes = 0;
  bool over_limit = false;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  if (bytes > transfer.limit - transfer.response.body.size()) {
    transfer.over_limit = true;
    return 0;  // makes curl stop with CURLE_WRITE_ERROR
  }
  transfer.response.body.append(data, bytes);
  return bytes;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  transfer.header_bytes += bytes;
  if (transfer.header_bytes > kMaxHeaderBytes) {
    transfer.over_limit = true;
    return 0;
  }
  const std::string_view line(data, bytes);
  if (line.starts_with("HTTP/")) {
    transfer.response.headers.clear();  // those before were of an interim answer (100 Continue)
    return bytes;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) {
    return bytes;
  }
  std::string name(trimmed(line.substr(0, colon)));
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  transfer.response.headers[name] = std::string(trimmed(line.substr(colon + 1)));
  return bytes;
}

// curl calls it about once a second, and more often while data moves.
int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(user)->load() ? 1 : 0;
}

using EasyHandle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// What is being called, without the query, which may hold a token.
std::string target_of(const HttpRequest& request) {
  const std::string url = request.url.substr(0, request.url.find_first_of("?#"));
  return request.method + " " + url +
         (request.unix_socket.empty() ? "" : " on " + request.unix_socket);
}

Result<void> check(const HttpRequest& request) {
  const auto refuse = [](const std::string& what) {
    return make_error(Errc::invalid_argument, "sending an HTTP request: " + what);
  };
  if (request.method.empty() || !std::all_of(request.method.begin(), request.method.end(),
                                             [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return refuse("the method must be capital letters");
  }
  if (!request.url.starts_with("http://") && !request.url.starts_with("https://")) {
    return refuse("the URL must begin with http:// or https://");
  }
  const auto authority = request.url.find("//") + 2;
  const std::string_view host =
      std::string_view(request.url)
          .substr(authority, request.url.find_first_of("/?#", authority) - authority);
  if (host.find('@') != std::string_view::npos) {
    return refuse("the URL must not hold a user or a password");
  }
  if (request.user.find(':') != std::string::npos ||
      (request.user.empty() && !request.password.empty())) {
    return refuse("basic authentication needs a user without a colon");
  }
  for (const std::string& header : request.headers) {
    if (header.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos ||
        header.find(':') == std::string::npos) {
      return refuse("a header must be one line, \"Name: value\"");
    }
  }
  return {};
}

HeaderList headers_of(const HttpRequest& request) {
  HeaderList list(nullptr, &curl_slist_free_all);
  const auto append = [&](const char* line) {
    curl_slist* longer = curl_slist_append(list.get(), line);
    ORAMA_ASSERT(longer != nullptr);  // out of memory
    static_cast<void>(list.release());
    list.reset(longer);
  };
  append("Expect:");        // no 100-continue round trip
  append("Content-Type:");  // not curl's form type; a header of the caller stands
  for (const std::string& header : request.headers) {
    append(header.c_str());
  }
  return list;
}

void set_target(CURL* easy, const HttpRequest& request) {
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  if (!request.unix_socket.empty()) {
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
  }
  if (!request.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, request.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);  // these roots alone
  }
  if (!request.user.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(easy, CURLOPT_USERNAME, request.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, request.password.c_str());
  }
}

void set_content(CURL* easy, const HttpRequest& request) {
  const bool carries_body = request.method == "POST" || request.method == "PUT" ||
                            request.method == "PATCH" || !request.body.empty();
  if (carries_body) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  } else if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_limits(CURL* easy, const HttpRequest& request, Transfer& transfer) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(std::max<long>(1, request.timeout.count())));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  if (request.cancelled != nullptr) {
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(request.cancelled));
  }
}

Error explain(CURL* easy, CURLcode code, const HttpRequest& request, const Transfer& transfer,
              const char* detail) {
  const std::string target = target_of(request);
  const std::string reason = detail[0] != '\0' ? detail : curl_easy_strerror(code);
  if (transfer.over_limit) {
    return make_error(Errc::too_large, target + ": the answer is larger than " +
                                           std::to_string(request.max_response_bytes) +
                                           " bytes, which is the limit");
  }
  long sent = 0;
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
  const std::string waited = std::to_string(request.timeout.count()) + " ms";
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      if (sent == 0) {
        return make_error(Errc::unreachable, target + ": no connection within " + waited);
      }
      return make_error(Errc::timeout, target + ": no complete answer within " + waited);
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
      return make_error(Errc::unreachable, target + ": " + reason);
    case CURLE_ABORTED_BY_CALLBACK:
      return make_error(Errc::interrupted, target + ": interrupted");
    default:
      return make_error(Errc::failed, target + ": " + reason);
  }
}

// Whose certificate does not verify gets nothing: the handshake ends before the request is sent.
struct Attempt {
  Result<HttpResponse> response;
  std::string certificate_problem;
};

enum class Verify { yes, no };

Attempt transfer_once(const HttpRequest& request, Verify verify) {
  const EasyHandle easy(curl_easy_init(), &curl_easy_cleanup);
  ORAMA_ASSERT(easy != nullptr);  // out of memory
  const HeaderList headers = headers_of(request);
  std::array<char, CURL_ERROR_SIZE> detail{};
  Transfer transfer;
  transfer.limit = request.max_response_bytes;
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, detail.data());
  set_target(easy.get(), request);
  set_content(easy.get(), request);
  set_limits(easy.get(), request, transfer);
  if (verify == Verify::no) {
    curl_easy_setopt(easy.get(), CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy.get(), CURLOPT_SSL_VERIFYHOST, 0L);
  }
  const CURLcode code = curl_easy_perform(easy.get());
  if (code != CURLE_OK) {
    Attempt failed{explain(easy.get(), code, request, transfer, detail.data()), {}};
    if (code == CURLE_PEER_FAILED_VERIFICATION) {
      failed.certificate_problem = detail[0] != '\0' ? detail.data() : curl_easy_strerror(code);
    }
    return failed;
  }
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  return {std::move(transfer.response), {}};
}

}  // namespace

Result<HttpResponse> CurlHttpClient::send(const HttpRequest& request) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  ORAMA_ASSERT(started == CURLE_OK);
  TRY_VOID(check(request));
  Attempt first = transfer_once(request, Verify::yes);
  if (first.certificate_problem.empty() ||
      request.certificate == HttpRequest::Certificate::required) {
    return std::move(first.response);
  }
  Attempt second = transfer_once(request, Verify::no);
  if (second.response.ok()) {
    second.response->certificate_problem = std::move(first.certificate_problem);
  }
  return std::move(second.response);
}

}  // namespace orama
