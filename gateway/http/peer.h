// Who is on the other end of an accepted socket, and what kind of socket a descriptor is.
#pragma once

#include <string>

#include "common/result.h"
#include "gateway/http/exchange.h"

namespace orama::gateway::http {

struct ListeningSocket {
  int descriptor = -1;
  int family = 0;       // AF_INET, AF_INET6, AF_UNIX
  std::string address;  // "127.0.0.1:6001": sockets of one address share its connections
};

// invalid_argument when it is no listening stream socket of a known family.
Result<ListeningSocket> describe_listener(int descriptor);

// TCP: the address, an IPv4 one also when it came in as ::ffff:a.b.c.d. Unix: SO_PEERCRED and
// SO_PEERGROUPS.
Result<Peer> read_peer(int descriptor);

}  // namespace orama::gateway::http
