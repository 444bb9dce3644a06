// The few calls of Kubo's RPC (engines-storage.md 3) by which a node keeps its place among the
// members. Blocking, of this node's own Kubo; each has a deadline of seconds.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "common/http_client.h"
#include "common/result.h"

namespace orama::installers {

using PeerIds = std::set<std::string>;

class Kubo {
 public:
  // `ip`: where its RPC listens.
  Kubo(HttpClient& http, std::string ip) : http_(http), ip_(std::move(ip)) {}

  Result<PeerIds> connected();  // peers with a connection now
  Result<PeerIds> peerings();   // that it keeps a connection to
  // From now until its end; its configuration has it from the next start on. Dials at once.
  Result<void> add_peering(const std::string& peer_id, const std::string& mesh_ip);
  // Ends the connection too.
  Result<void> remove_peering(const std::string& peer_id);

 private:
  Result<std::string> call(const std::string& path_and_query);

  HttpClient& http_;
  const std::string ip_;
};

// Answers, which are foreign text; fuzzed. Ids that are none are left out.
Result<PeerIds> parse_connected(std::string_view text);
Result<PeerIds> parse_peerings(std::string_view text);

}  // namespace orama::installers
