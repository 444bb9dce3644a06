// Blocking calls to one member over a link, for the installer (join.md, step 3 on). Each call is a
// connection of its own: between the steps of an install minutes pass, and a link on which nobody
// answers pings is cut. Nothing is sent before the member has proven the key that is expected of
// it. One call at a time; no thread of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/link/identity.h"
#include "common/link/session.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::link {

inline constexpr std::uint16_t kLinkPort = 6002;

class LinkClient {
 public:
  struct Options {
    mesh::IpAddress address;
    std::uint16_t port = kLinkPort;
    std::string peer_key;  // 32 bytes, of the member's row
    std::chrono::milliseconds connect_within{5000};
    std::size_t max_answer_bytes = 1024UL * 1024;
    const std::atomic<bool>* interrupted = nullptr;  // looked at every 50 ms
  };
  LinkClient(LinkIdentity identity, Options options);

  // Any status is a value. Errors: unreachable (no connection: nothing was sent), not_allowed (the
  // member has another key than expected, or refuses ours), timeout (outcome unknown), too_large,
  // interrupted, failed (the link broke, or another version: outcome unknown).
  Result<Answer> call(std::string_view path, const nlohmann::json& body,
                      std::chrono::milliseconds timeout) const;

 private:
  LinkIdentity identity_;
  Options options_;
};

}  // namespace orama::link
