// Asks the gateway for this node's desired state, one long poll after another, on a thread of its
// own. Survives a gateway that is away. After a start and after every failure it asks for the whole
// state (since=0), so a registry that was restored to an older version is followed too. What comes
// is foreign text: parsed here by shape, judged by desired_rules.h.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/http_client.h"
#include "common/log.h"
#include "common/result.h"

namespace orama::installers {

// nullopt: nothing new (204). `since` 0 asks for whatever there is. Ends early when `stop` is set.
Result<std::optional<api::Desired>> ask_for_desired(HttpClient& http, const std::string& socket,
                                                    std::int64_t since,
                                                    const std::atomic<bool>* stop);

class DesiredPoller {
 public:
  DesiredPoller(HttpClient& http, Clock& clock, std::string socket, Log log);
  ~DesiredPoller();  // ends the wait and joins
  DesiredPoller(const DesiredPoller&) = delete;
  DesiredPoller& operator=(const DesiredPoller&) = delete;

  // The state that waits, if any. The next one is asked for only after finished().
  std::optional<api::Desired> take();
  enum class Outcome { applied, refused };
  void finished(std::int64_t version, Outcome outcome);

 private:
  void run();
  void ask();

  HttpClient& http_;
  Clock& clock_;
  const std::string socket_;
  const Log log_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::optional<api::Desired> waiting_;  // guarded by mutex_
  bool busy_ = false;         // guarded by mutex_: one was put or taken and is not finished
  std::int64_t since_ = 0;    // guarded by mutex_
  SteadyTime not_before_{};   // guarded by mutex_
  std::string last_failure_;  // of the poller's thread: logged once, not every second
  std::thread thread_;        // last: starts when all else is there
};

}  // namespace orama::installers
