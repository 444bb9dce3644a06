// The change kind "engine-ids".
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/crypto/keys.h"
#include "common/crypto/peer_id.h"
#include "common/http_client.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/steps/admin_call.h"
#include "installers/steps/engines.h"
#include "installers/steps/node_keys.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr std::string_view kKind = "engine-ids";
constexpr int kOk = 200;

Result<std::string> peer_id(Host& host, const std::string& name) {
  TRY(seed, read_key(host, name));
  TRY(pair, crypto::ed25519_from_seed(seed));
  return crypto::peer_id_of(pair.public_key);
}

Result<json> ids(Host& host) {
  TRY(ipfs, peer_id(host, "ipfs.key"));
  TRY(cluster, peer_id(host, "ipfs-cluster.key"));
  return json{{"ipfs", ipfs}, {"ipfs_cluster", cluster}};
}

class EngineIds final : public Change {
 public:
  explicit EngineIds(std::string node_id) : node_id_(std::move(node_id)) {}

  std::string_view kind() const override { return kKind; }
  std::string target() const override { return paths::kRegisteredEngines; }

  // A note that cannot be read is no note: the cluster is told again.
  Result<bool> converged(ChangeContext& context) override {
    const auto text = context.host.files.read(paths::kRegisteredEngines);
    const auto note = text.ok() ? parse_json(*text) : Result<json>(text.error());
    if (!note.ok()) {
      return false;
    }
    TRY(wanted, note_text(context.host));
    return *note == wanted;
  }

  Result<std::string> describe(ChangeContext&) override {
    return std::string("tell the cluster what this node's storage and pinning are called");
  }

  Result<json> prior(ChangeContext&) override { return json::object(); }
  json wanted() const override { return json{{"id", node_id_}}; }

  Result<void> apply(ChangeContext& context) override {
    TRY(note, note_text(context.host));
    HttpRequest request = admin_request("POST", "/admin/nodes/" + node_id_);
    request.headers = {"Content-Type: application/json"};
    request.body = json{{"engines", note.at("engines")}}.dump();
    const auto response = send_until_answered(context, request);
    if (!response.ok() || response->status != kOk) {
      return make_error(response.ok() ? Errc::failed : response.error().code,
                        "the cluster could not be told what this node's engines are called: " +
                            (response.ok() ? answer_text(*response) : response.error().message),
                        "journalctl -u orama-gateway; then type the same command again");
    }
    return context.host.files.write(paths::kRegisteredEngines, note.dump() + "\n",
                                    {0600, "root", "root"});
  }

 private:
  Result<json> note_text(Host& host) const {
    TRY(engines, ids(host));
    return json{{"id", node_id_}, {"engines", std::move(engines)}};
  }

  std::string node_id_;
};

Result<Reverted> revert_engine_ids(RevertContext& context, const std::string&, const json&,
                                   const json&) {
  TRY_VOID(context.host.files.remove_file(paths::kRegisteredEngines));
  return Reverted{};
}

}  // namespace

std::unique_ptr<Change> engine_ids(const NodeSpec& spec) {
  return std::make_unique<EngineIds>(spec.node_id);
}

ChangeKind engine_ids_kind() {
  return {kKind, revert_engine_ids};
}

}  // namespace orama::installers
