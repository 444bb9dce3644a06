#include "installers/agent/desired_poller.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/http_client.h"
#include "common/log.h"
#include "common/result.h"

namespace orama::installers {
namespace {

constexpr int kOk = 200, kNoContent = 204;
constexpr std::chrono::seconds kLongPoll{40};  // the gateway holds a call for up to 30 s
constexpr std::chrono::seconds kRetryAfterFailure{1};
constexpr std::chrono::seconds kRetryAfterRefusal{5};
constexpr std::chrono::milliseconds kNap{100};

}  // namespace

Result<std::optional<api::Desired>> ask_for_desired(HttpClient& http, const std::string& socket,
                                                    std::int64_t since,
                                                    const std::atomic<bool>* stop) {
  HttpRequest request;
  request.url = "http://localhost/admin/desired?since=" + std::to_string(since);
  request.unix_socket = socket;
  request.timeout = kLongPoll;
  request.max_response_bytes = 1024UL * 1024;
  request.cancelled = stop;
  TRY(response, http.send(request));
  if (response.status == kNoContent) {
    return std::optional<api::Desired>();
  }
  if (response.status != kOk) {
    return make_error(Errc::failed,
                      "the gateway answered " + std::to_string(response.status) +
                          " to the question for the desired state, expected 200 or 204");
  }
  const nlohmann::json body = nlohmann::json::parse(response.body, nullptr, false);
  if (body.is_discarded()) {
    return make_error(Errc::failed, "the gateway's desired state is no JSON");
  }
  TRY(desired, api::Desired::from_json(body));
  return std::optional<api::Desired>(std::move(desired));
}

DesiredPoller::DesiredPoller(HttpClient& http, Clock& clock, std::string socket, Log log)
    : http_(http), clock_(clock), socket_(std::move(socket)), log_(std::move(log)), thread_([this] {
        run();
      }) {}

DesiredPoller::~DesiredPoller() {
  stop_ = true;
  thread_.join();
}

std::optional<api::Desired> DesiredPoller::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, std::nullopt);
}

void DesiredPoller::finished(std::int64_t version, Outcome outcome) {
  const std::lock_guard lock(mutex_);
  busy_ = false;
  if (outcome == Outcome::applied) {
    since_ = version;
  } else {
    // The same answer would come again at once.
    not_before_ = clock_.steady_now() + kRetryAfterRefusal;
  }
}

void DesiredPoller::run() {
  while (!stop_) {
    SteadyTime until;
    bool busy = false;
    {
      const std::lock_guard lock(mutex_);
      until = not_before_;
      busy = busy_;
    }
    if (busy || clock_.steady_now() < until) {
      clock_.sleep_for(kNap);
      continue;
    }
    ask();
  }
}

void DesiredPoller::ask() {
  std::int64_t since = 0;
  {
    const std::lock_guard lock(mutex_);
    since = since_;
  }
  auto answer = ask_for_desired(http_, socket_, since, &stop_);
  const std::lock_guard lock(mutex_);
  if (!answer.ok()) {
    since_ = 0;
    not_before_ = clock_.steady_now() + kRetryAfterFailure;
    const std::string failure = answer.error().full_message();
    if (failure != last_failure_ && answer.error().code != Errc::interrupted) {
      log_.warn("no desired state from the gateway; going on with the last one",
                {{"reason", failure}});
    }
    last_failure_ = failure;
    return;
  }
  if (!last_failure_.empty()) {
    log_.info("the gateway answers again");
    last_failure_.clear();
  }
  if (*answer) {
    waiting_ = std::move(*answer);
    busy_ = true;
  }
}

}  // namespace orama::installers
