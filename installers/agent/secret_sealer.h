// Seals the cluster's shared secrets for a node that joins, when the gateway asks for it in the
// desired state. The gateway only says for whom: the key is read from the registry by the agent
// itself, and must be the same, of a node that is redeemed or ready. What leaves is sealed to that
// node's identity. Used by one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "common/api/desired.h"
#include "common/result.h"
#include "installers/host/host.h"

namespace orama::installers {

class SecretSealer {
 public:
  SecretSealer(Host& host, std::string admin_socket)
      : host_(host), admin_socket_(std::move(admin_socket)) {}

  // Each entry once per version of the desired state; again only when it could not be handed over.
  // not_allowed: an entry was refused.
  Result<void> follow(const api::Desired& desired);

 private:
  Result<void> check(const api::Desired& desired, const api::Desired::Seal& seal);
  Result<void> hand_over(const api::Desired::Seal& seal);

  Host& host_;
  const std::string admin_socket_;
  std::map<std::string, std::int64_t> done_;  // by node id: version
};

}  // namespace orama::installers
