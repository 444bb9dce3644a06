// The key that joiners seal to (join.md, Exchange), as it stands now. The one made at genesis comes
// as a credential; a removal replaces it (join.md, Removal): the private half then stands in the
// registry once a member, sealed to that member's identity, so that it reaches all that stay within
// the same transaction and the removed one never. Here: who may open what with it, and the
// statements that write it.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/crypto/keys.h"
#include "common/crypto/random.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/membership.h"

namespace orama::gateway::cluster {

// Safe from any thread.
class JoinKey {
 public:
  struct Parts {
    std::string own_id;
    std::optional<crypto::KeyPair> at_genesis;  // absent: this node does not hold it
    std::optional<crypto::KeyPair> identity;    // X25519 of this node's identity: opens its copy
    Log log;
  };
  explicit JoinKey(Parts parts) : parts_(std::move(parts)) {}

  // Absent: this node can let nobody in; the registry was not read yet, or holds no copy for it.
  std::optional<crypto::KeyPair> current() const;
  // What the registry says; called whenever it was read anew.
  void follow(const MembershipState& state);

 private:
  std::optional<crypto::KeyPair> open_copy(const MembershipState& state) const;

  const Parts parts_;
  mutable std::mutex mutex_;
  std::optional<crypto::KeyPair> current_;
};

// A key and the private half of it for each of some nodes.
struct SealedJoinKey {
  struct Copy {
    std::string node_id, sealed;  // base64
  };
  std::string public_key;  // base64
  std::vector<Copy> copies;
};

// For every member of `state` but the one of id `except`; a row whose key cannot be sealed to is
// logged and left out.
SealedJoinKey seal_join_key(const crypto::KeyPair& key, const MembershipState& state,
                            const std::string& except, const Log& log);

// Each takes effect only while the row of the join key has that public key, and for members only.
std::vector<backends::Statement> copy_statements(const SealedJoinKey& key);

// Members without a copy of the present key; none while it is the one made at genesis.
std::vector<std::string> without_copy(const MembershipState& state);

// The key must be made by a member (the last removal was a leave): one conditional write of many
// racing members wins. ok whoever won.
Awaitable<Result<void>> replace_join_key(backends::Registry* registry, SealedJoinKey key,
                                         std::int64_t now_ms);
// Copies of the present key for those that have none.
Awaitable<Result<void>> add_copies(backends::Registry* registry, SealedJoinKey key,
                                   std::int64_t now_ms);

}  // namespace orama::gateway::cluster
