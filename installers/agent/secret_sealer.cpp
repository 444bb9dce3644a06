#include "installers/agent/secret_sealer.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/crypto/encoding.h"
#include "common/http_client.h"
#include "common/mesh/names.h"
#include "common/result.h"
#include "installers/host/host.h"
#include "installers/local_rqlite.h"
#include "installers/rqlite_engine.h"
#include "installers/steps/shared_secrets.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr int kOk = 200, kNotFound = 404;

bool is_text(const json& value, const std::string& text) {
  return value.is_string() && value.get_ref<const std::string&>() == text;
}

}  // namespace

Result<void> SecretSealer::check(const api::Desired& desired, const api::Desired::Seal& seal) {
  LocalRqlite registry(host_, kRegistry, desired.self.mesh_ip);
  TRY(rows, registry.query("SELECT node_key, state FROM nodes WHERE id=?", {seal.id}));
  const bool known = rows.size() == 1 && rows.front().size() == 2 &&
                     is_text(rows.front()[0], seal.node_key) &&
                     (is_text(rows.front()[1], "redeemed") || is_text(rows.front()[1], "ready"));
  if (!known) {
    return make_error(Errc::not_allowed,
                      "the gateway asks for the cluster's secrets to be sealed for a key that the "
                      "registry does not hold for a node that joins; refused",
                      "journalctl -u orama-gateway");
  }
  return {};
}

Result<void> SecretSealer::hand_over(const api::Desired::Seal& seal) {
  TRY(key, mesh::parse_node_key(seal.node_key));
  TRY(sealed, seal_shared_secrets(host_, key));
  HttpRequest request;
  request.method = "POST";
  request.url = "http://localhost/admin/sealed";
  request.unix_socket = admin_socket_;
  request.headers = {"Content-Type: application/json"};
  request.body = json{{"id", seal.id}, {"sealed", crypto::to_base64(sealed)}}.dump();
  request.timeout = std::chrono::seconds(5);
  TRY(response, host_.http.send(request));
  if (response.status != kOk && response.status != kNotFound) {  // 404: nobody waits any more
    return make_error(Errc::failed, "the gateway answered " + std::to_string(response.status) +
                                        " to the sealed secrets, expected 200");
  }
  return {};
}

Result<void> SecretSealer::follow(const api::Desired& desired) {
  std::map<std::string, std::int64_t> still;
  std::optional<Error> problem;
  for (const api::Desired::Seal& seal : desired.seal) {
    const auto before = done_.find(seal.id);
    if (before != done_.end() && before->second == desired.version) {
      still[seal.id] = desired.version;
      continue;
    }
    const auto allowed = check(desired, seal);
    const auto given = allowed.ok() ? hand_over(seal) : allowed;
    if (given.ok() || given.error().code == Errc::not_allowed) {
      still[seal.id] = desired.version;
    }
    if (!given.ok()) {
      problem = given.error();
    }
  }
  done_ = std::move(still);
  return problem ? Result<void>(std::move(*problem)) : Result<void>();
}

}  // namespace orama::installers
