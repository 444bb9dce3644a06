#include "gateway/middleware/admission.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "common/mesh/ip_address.h"
#include "gateway/auth/authenticator.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/exchange.h"
#include "gateway/http/route.h"
#include "gateway/middleware/client_address.h"
#include "gateway/middleware/credentials.h"

namespace orama::gateway::middleware {

using http::ApiCode;
using http::ApiError;
using http::Exchange;
using http::make_api_error;

Admission::Admission(AdmissionRules rules, auth::Authenticator& authenticator)
    : rules_(std::move(rules)), authenticator_(authenticator) {}

std::optional<ApiError> Admission::place_client(Exchange& exchange) const {
  if (exchange.peer->is_unix()) {
    return std::nullopt;
  }
  const std::optional<ClientAddress> client =
      client_address(*exchange.peer->address, exchange.head.headers, rules_.trusted_proxies);
  exchange.over_https = client && client->over_https;
  const mesh::IpAddress address = client ? client->address : *exchange.peer->address;
  exchange.client_ip = address.to_string();
  if (!client) {
    return make_api_error(ApiCode::bad_request,
                          "the last entry of X-Forwarded-For is no IP address");
  }
  exchange.request.client_ip = address;
  exchange.request.client_is_local =
      address.is_loopback() || (rules_.mesh_cidr && rules_.mesh_cidr->contains(address));
  return std::nullopt;
}

bool Admission::is_root(const http::Peer& peer) const {
  const uid_t uid = peer.credentials->uid;
  return uid == 0 || (rules_.admin_user && uid == *rules_.admin_user);
}

std::optional<ApiError> Admission::check_admin_peer(const http::Peer& peer) const {
  const auto& groups = peer.credentials->groups;
  const bool in_group = rules_.admin_group && std::find(groups.begin(), groups.end(),
                                                        *rules_.admin_group) != groups.end();
  if (is_root(peer) || in_group) {
    return std::nullopt;
  }
  return make_api_error(ApiCode::forbidden, "the admin socket is for root and the group orama",
                        "use sudo, or add the user to the group: usermod -aG orama <user>");
}

Awaitable<std::optional<ApiError>> Admission::authenticate(Exchange& exchange) const {
  const std::vector<auth::Credential> credentials = read_credentials(exchange.request);
  std::optional<ApiCode> first_refusal;
  for (const auth::Credential& credential : credentials) {
    std::variant<auth::Principal, ApiCode> verdict = co_await authenticator_.verify(credential);
    if (auto* principal = std::get_if<auth::Principal>(&verdict)) {
      exchange.principal = std::move(principal->id);
      exchange.name_space = std::move(principal->name_space);
      co_return std::nullopt;
    }
    if (!first_refusal) {
      first_refusal = std::get<ApiCode>(verdict);
    }
  }
  if (first_refusal) {
    co_return make_api_error(*first_refusal, "the credential is not valid");
  }
  co_return make_api_error(ApiCode::unauthenticated, "this route needs an API key or a token");
}

std::optional<ApiError> Admission::authorize(const Exchange& exchange,
                                             const http::Route& route) const {
  if (route.caller == http::Caller::local && !exchange.request.client_is_local) {
    return make_api_error(ApiCode::forbidden, "only for callers on this host or in the mesh");
  }
  if (route.caller == http::Caller::admin_root && !is_root(*exchange.peer)) {
    return make_api_error(ApiCode::forbidden, "only for root", "use sudo");
  }
  return std::nullopt;
}

}  // namespace orama::gateway::middleware
