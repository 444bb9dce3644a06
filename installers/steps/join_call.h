// The one call by which a bare host asks to join (join.md, Exchange). It trusts no transport: what
// does not open with the token's key is "not verified", changes nothing and is only counted as
// silence. The token goes into the sealed request and nowhere else.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/join/exchange.h"
#include "common/join/token.h"
#include "common/result.h"
#include "installers/host/host.h"

namespace orama::installers {

struct JoinOrder {
  std::string url;  // "https://node1.example.com", no path
  join::JoinToken token;
  std::string name;
  std::vector<std::string> addresses;  // of this host; empty: as the cluster sees it
  std::vector<std::string> roles;
  std::string version;  // of this orama
  std::chrono::milliseconds timeout{60000};
  std::function<void(const std::string&)> notice = {};  // a line for the operator; may be empty
};

struct JoinAttempt {
  std::optional<join::Answer> answer;  // verified
  std::string problem;                 // without an answer: what came instead, in our own words
  std::chrono::seconds retry_after{0};
  std::string certificate_problem;  // "" when it verified or there was none
};

// One call, with the node's keys. An error is this host's own (no keys).
Result<JoinAttempt> try_join(Host& host, const JoinOrder& order,
                             std::chrono::milliseconds patience);

// Again and again, at most six times a minute, until an answer is verified; unreachable when
// order.timeout passes without one.
Result<join::Answer> ask_to_join(Host& host, const JoinOrder& order,
                                 const std::atomic<bool>* interrupted);

// The cluster's No as an error: its code, message and hint, and both clocks where they may matter.
Error refusal_error(Host& host, const join::Refusal& refusal);

// This host's clock minus the cluster's `time`; 0 when that cannot be read.
std::chrono::seconds clock_skew(Host& host, const std::string& time);

}  // namespace orama::installers
