#include "gateway/health/engine_answers.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/fields.h"
#include "common/crypto/peer_id.h"
#include "common/resp/reply.h"
#include "common/result.h"

namespace orama::gateway::health {
namespace {

using nlohmann::json;
using resp::RespReply;

constexpr int kOk = 200, kUnauthorized = 401, kForbidden = 403;
constexpr std::size_t kShownBytes = 160;  // of an answer, in an error
constexpr std::size_t kMaxId = 128, kMaxAddresses = 64, kMaxAddress = 300, kMaxTrouble = 4096;

// Foreign text in a message: short, and on one line.
std::string shown(std::string_view text) {
  std::string line(text.substr(0, kShownBytes));
  std::replace_if(line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, ' ');
  return line;
}

Error refused(const std::string& engine, const std::string& credential) {
  return make_error(Errc::not_allowed,
                    engine + " refuses the gateway's password (credential " + credential + ")");
}

Result<json> read_object(const std::string& engine, int status, std::string_view body) {
  json document = status == kOk ? json::parse(body, nullptr, false) : json();
  if (!document.is_object()) {
    return make_error(Errc::failed, engine + " answered " + std::to_string(status) +
                                        ", expected 200 and a JSON object: " + shown(body));
  }
  return document;
}

// The name must be one; addresses that are none of ours to judge are passed on as they are.
Result<EngineIdentity> read_identity(const std::string& engine, const api::Fields& fields,
                                     std::string_view id_key, std::string_view addresses_key) {
  EngineIdentity identity;
  TRY(id, fields.text(id_key, kMaxId));
  if (!crypto::is_peer_id(id)) {
    return make_error(Errc::failed, engine + " calls itself " + shown(id) +
                                        ", expected the peer id of an Ed25519 key");
  }
  if (fields.has(addresses_key)) {
    TRY(addresses, fields.texts(addresses_key, kMaxAddresses, kMaxAddress));
    identity.addresses = std::move(addresses);
  }
  identity.peer_id = std::move(id);
  return identity;
}

Error cache_error(const std::string& text) {
  const std::string message = "olric: " + shown(text);
  if (text.find("failed to find enough peers") != std::string::npos) {
    return make_error(Errc::quorum_refused, message);
  }
  return text.starts_with("WRONGPASS") || text.starts_with("NOAUTH")
             ? refused("olric", "olric-password")
             : make_error(Errc::failed, message);
}

}  // namespace

Result<void> judge_database_ready(int status, std::string_view body) {
  if (status == kUnauthorized) {
    return refused("rqlite", "databases.key");
  }
  if (status != kOk) {
    return make_error(Errc::quorum_refused,
                      "rqlite answered " + std::to_string(status) + " to /readyz: " + shown(body));
  }
  return {};
}

Result<void> judge_cache(const std::vector<RespReply>& replies) {
  for (const RespReply& reply : replies) {
    if (reply.is_error()) {
      return cache_error(reply.text);
    }
  }
  if (replies.empty() || replies.back().text != "PONG") {
    return make_error(Errc::failed, "olric answered PING with something else than PONG");
  }
  return {};
}

Result<EngineIdentity> read_storage_id(int status, std::string_view body) {
  const std::string engine = "kubo";
  TRY(document, read_object(engine, status, body));
  return read_identity(engine, api::Fields(document), "ID", "Addresses");
}

Result<EngineIdentity> read_pinning_id(int status, std::string_view body) {
  const std::string engine = "ipfs-cluster";
  if (status == kUnauthorized || status == kForbidden) {
    return refused(engine, "ipfs-cluster-rest-password");
  }
  TRY(document, read_object(engine, status, body));
  const api::Fields fields(document);
  TRY(trouble, fields.optional_text("error", kMaxTrouble));
  if (trouble && !trouble->empty()) {
    return make_error(Errc::failed, engine + ": " + shown(*trouble));
  }
  TRY(ipfs, fields.object("ipfs"));
  TRY(ipfs_trouble, ipfs.optional_text("error", kMaxTrouble));
  if (ipfs_trouble && !ipfs_trouble->empty()) {
    return make_error(Errc::pending,
                      engine + " does not reach this node's storage: " + shown(*ipfs_trouble));
  }
  return read_identity(engine, fields, "id", "addresses");
}

}  // namespace orama::gateway::health
