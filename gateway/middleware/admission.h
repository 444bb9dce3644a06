// Who is calling, and whether this caller may: address, position on the admin socket, credential,
// route (stages 8 and 9 of http-api.md 3). Shared by all threads, changes nothing but the exchange.
#pragma once

#include <optional>
#include <vector>

#include <sys/types.h>

#include "common/mesh/ip_address.h"
#include "gateway/auth/authenticator.h"
#include "gateway/http/address_range.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/exchange.h"
#include "gateway/http/route.h"

namespace orama::gateway::middleware {

struct AdmissionRules {
  std::vector<http::AddressRange> trusted_proxies;
  std::optional<mesh::Cidr> mesh_cidr;  // callers in it are `local`
  std::optional<gid_t> admin_group;     // may use the admin socket beside uid 0
  std::optional<uid_t> admin_user;      // counts as uid 0 there: a development node's own user
};

class Admission {
 public:
  Admission(AdmissionRules rules, auth::Authenticator& authenticator);

  // Each gives the answer of a caller who may not.
  std::optional<http::ApiError> place_client(http::Exchange& exchange) const;
  std::optional<http::ApiError> check_admin_peer(const http::Peer& peer) const;
  // What the caller gets where a credential is needed; nothing when one verified.
  Awaitable<std::optional<http::ApiError>> authenticate(http::Exchange& exchange) const;
  // As far as the caller's position decides.
  std::optional<http::ApiError> authorize(const http::Exchange& exchange,
                                          const http::Route& route) const;

 private:
  bool is_root(const http::Peer& peer) const;

  AdmissionRules rules_;
  auth::Authenticator& authenticator_;
};

}  // namespace orama::gateway::middleware
