// ClusterLink over the real thing: TCP to the member's link port, and calls by common/link's
// blocking client, with this node's identity key. A connection a call.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include <nlohmann/json.hpp>

#include "common/join/messages.h"
#include "common/result.h"
#include "installers/host/host.h"
#include "installers/steps/cluster_link.h"

namespace orama::installers {

class MemberLink final : public ClusterLink {
 public:
  // `host` and `interrupted` must outlive it.
  MemberLink(Host& host, const std::atomic<bool>& interrupted)
      : host_(host), interrupted_(interrupted) {}

  Result<void> reach(const join::Peer& peer, std::chrono::milliseconds timeout) override;
  Result<LinkAnswer> call(const join::Peer& peer, const std::string& path,
                          const nlohmann::json& body) override;

 private:
  Host& host_;
  const std::atomic<bool>& interrupted_;
};

}  // namespace orama::installers
