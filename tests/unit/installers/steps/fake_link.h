// Links to members in memory: which of them answer, and what.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/join/messages.h"
#include "common/result.h"
#include "installers/steps/cluster_link.h"
#include "tests/support/fake_host.h"

namespace orama::tests {

class FakeLink final : public installers::ClusterLink {
 public:
  explicit FakeLink(FakeClock& clock) : clock_(clock) {}

  std::set<std::string> up;  // names of the members that answer
  std::function<Result<installers::LinkAnswer>(const std::string&, const nlohmann::json&)> reply;
  std::vector<std::string> calls = {};  // "node1 /v1/confirm"

  Result<void> reach(const join::Peer& peer, std::chrono::milliseconds timeout) override {
    if (up.contains(peer.name)) {
      return {};
    }
    clock_.sleep_for(timeout);
    return make_error(Errc::unreachable, "no connection");
  }

  Result<installers::LinkAnswer> call(const join::Peer& peer, const std::string& path,
                                      const nlohmann::json& body) override {
    calls.push_back(peer.name + " " + path);
    if (!up.contains(peer.name)) {
      return make_error(Errc::unreachable, "no connection");
    }
    return reply(path, body);
  }

 private:
  FakeClock& clock_;
};

}  // namespace orama::tests
