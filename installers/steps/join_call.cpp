#include "installers/steps/join_call.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/clock.h"
#include "common/http_client.h"
#include "common/join/exchange.h"
#include "common/join/messages.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/host/host.h"
#include "installers/paths.h"
#include "installers/steps/node_keys.h"

namespace orama::installers {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kLeastInterval{10};  // six times a minute
constexpr seconds kOneCall{20};        // the gateway waits for its own agent before it answers
constexpr milliseconds kNap{200};
constexpr seconds kTellClocks{60};

#if defined(__aarch64__)
constexpr const char* kArchitecture = "arm64";
#else
constexpr const char* kArchitecture = "amd64";
#endif

Result<join::Request> make_request(Host& host, const JoinOrder& order) {
  TRY(keys, read_node_keys(host));
  join::Request request;
  request.wg_public_key = keys.wg_public_key();
  request.node_key = keys.node_key();
  request.name = order.name;
  request.addresses = order.addresses;
  request.wg_port = paths::kWireguardPort;
  request.roles = order.roles;
  request.version = order.version;
  request.arch = kArchitecture;
  request.time = format_rfc3339(host.clock.wall_now());
  return request;
}

// Of a foreign answer nothing is shown but its status, and its code where that is one of ours.
std::string unverified(const HttpResponse& response) {
  static constexpr std::array<std::string_view, 9> kCodes = {
      "JOIN_MALFORMED", "INVITE_UNKNOWN", "INVITE_USED", "INVITE_EXPIRED", "INVITE_REVOKED",
      "NODE_EXISTS",    "VERSION_SKEW",   "QUORUM_LOST", "RATE_LIMITED"};
  std::string text = "HTTP " + std::to_string(response.status);
  const auto body = parse_json(response.body);
  if (body.ok() && body->is_object() && body->contains("code") && (*body)["code"].is_string()) {
    const std::string code = (*body)["code"].get<std::string>();
    if (std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end()) {
      text += " " + code;
    }
  }
  return text + ", which is not verified: anybody on the way could have said it";
}

seconds retry_after(const HttpResponse& response) {
  const auto header = response.headers.find("retry-after");
  if (header == response.headers.end()) {
    return seconds(0);
  }
  constexpr int kLongest = 3600;
  int value = 0;
  const std::string& text = header->second;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = failure == std::errc{} && end == text.data() + text.size() && value >= 0;
  return seconds(good ? std::min(value, kLongest) : 0);
}

std::string clocks(Host& host, const std::string& time) {
  return "this host's clock says " + format_rfc3339(host.clock.wall_now()) + ", the cluster's " +
         (time.empty() ? "nothing" : time);
}

Errc code_of(const join::Refusal& refusal) {
  constexpr int kBadRequest = 400, kUnauthorized = 401, kForbidden = 403, kConflict = 409,
                kGone = 410, kUnavailable = 503, kFull = 507;
  switch (refusal.status) {
    case kBadRequest:
      return Errc::invalid_argument;
    case kUnauthorized:
    case kForbidden:
      return Errc::not_allowed;
    case kConflict:
    case kGone:
    case kFull:
      return Errc::conflict;
    case kUnavailable:
      return Errc::quorum_refused;
    default:
      return Errc::failed;
  }
}

void tell(const JoinOrder& order, const std::string& line) {
  if (order.notice) {
    order.notice(line);
  }
}

Result<void> wait(Host& host, seconds duration, const std::atomic<bool>* interrupted) {
  const SteadyTime until = host.clock.steady_now() + duration;
  while (host.clock.steady_now() < until) {
    if (interrupted != nullptr && interrupted->load()) {
      return make_error(Errc::interrupted, "interrupted while the cluster was asked to join",
                        "Type the same command again: it goes on where it stopped.");
    }
    host.clock.sleep_for(kNap);
  }
  return {};
}

Error no_answer(const JoinOrder& order, const std::string& problem) {
  return make_error(
      Errc::unreachable,
      "no answer of the cluster from " + order.url + " within " +
          std::to_string(std::chrono::duration_cast<seconds>(order.timeout).count()) +
          " s; the last try gave " + problem,
      "look whether " + order.url +
          " is a node of the cluster and reachable from here, and whether the invitation stands "
          "(`orama invite list` there); then type the same command again");
}

}  // namespace

seconds clock_skew(Host& host, const std::string& time) {
  const auto theirs = parse_rfc3339(time);
  return theirs.ok() ? std::chrono::duration_cast<seconds>(host.clock.wall_now() - *theirs)
                     : seconds(0);
}

Error refusal_error(Host& host, const join::Refusal& refusal) {
  std::string message = "the cluster refuses this host: " + refusal.code +
                        (refusal.message.empty() ? "" : ": " + refusal.message);
  const bool differ = std::chrono::abs(clock_skew(host, refusal.time)) > kTellClocks;
  if (differ || refusal.code == "INVITE_EXPIRED") {
    message += " (" + clocks(host, refusal.time) + ")";
  }
  return make_error(code_of(refusal), message, refusal.hint);
}

Result<JoinAttempt> try_join(Host& host, const JoinOrder& order, milliseconds patience) {
  TRY(request, make_request(host, order));
  TRY(sealed, join::seal_request(std::move(request), order.token, host.random));
  HttpRequest call;
  call.method = "POST";
  call.url = order.url + join::kJoinPath;
  call.headers = {"Content-Type: application/json"};
  call.body = sealed.body;
  call.timeout = patience;
  call.max_response_bytes = join::kMaxAnswerBytes;
  call.certificate = HttpRequest::Certificate::reported;
  const auto response = host.http.send(call);
  JoinAttempt attempt;
  if (!response.ok()) {
    attempt.problem = response.error().full_message();
    return attempt;
  }
  attempt.certificate_problem = response->certificate_problem;
  attempt.retry_after = retry_after(*response);
  auto answer = join::open_answer(response->body, sealed, order.token);
  if (answer.ok()) {
    attempt.answer = std::move(answer).value();
  } else {
    attempt.problem = unverified(*response);
  }
  return attempt;
}

Result<join::Answer> ask_to_join(Host& host, const JoinOrder& order,
                                 const std::atomic<bool>* interrupted) {
  const SteadyTime deadline = host.clock.steady_now() + order.timeout;
  std::string told;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - host.clock.steady_now());
    TRY(attempt,
        try_join(host, order, std::clamp(left, milliseconds(1000), milliseconds(kOneCall))));
    if (!attempt.certificate_problem.empty() && told.empty()) {
      told = "The certificate of " + order.url + " does not verify (" +
             attempt.certificate_problem + "). The join goes on: it trusts no transport.";
      tell(order, told);
    }
    if (attempt.answer) {
      return std::move(*attempt.answer);
    }
    const seconds pause = std::max(kLeastInterval, attempt.retry_after);
    if (host.clock.steady_now() + pause >= deadline) {
      return no_answer(order, attempt.problem);
    }
    tell(order, "No answer of the cluster yet (" + attempt.problem + "); next try in " +
                    std::to_string(pause.count()) + " s");
    TRY_VOID(wait(host, pause, interrupted));
  }
}

}  // namespace orama::installers
