// Which members an Olric sees (CLUSTER.MEMBERS, engines-storage.md 2), this node's or another's:
// the password is the same on all.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "common/resp/reply.h"
#include "common/result.h"
#include "installers/host/files.h"

namespace orama::installers {

struct CacheView {
  bool quorum = false;            // false: it refuses to serve, and says nothing of its members
  std::set<std::string> members;  // mesh addresses, its own among them
};

// Of the Olric on a mesh address; the seam behind which tests put a fake. unreachable: nothing
// listens there.
using CacheLook = std::function<Result<CacheView>(const std::string& mesh_ip)>;

// Asks over TCP, with a deadline of 2 s and the password in root's folder of secrets.
CacheLook olric_look(Files& files);

// A reply to CLUSTER.MEMBERS: foreign; fuzzed.
Result<std::set<std::string>> parse_cache_members(const resp::RespReply& reply);

}  // namespace orama::installers
