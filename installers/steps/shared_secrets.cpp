#include "installers/steps/shared_secrets.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/crypto/box.h"
#include "common/crypto/encoding.h"
#include "common/crypto/secret.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/step.h"
#include "installers/steps/cluster_link.h"
#include "installers/steps/join_record.h"
#include "installers/steps/node_keys.h"
#include "installers/steps/node_sources.h"
#include "installers/steps/secrets.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr int kOk = 200, kNotFound = 404, kConflict = 409;
constexpr std::size_t kMaxSecretBytes = 16UL * 1024;

std::set<std::string> shared_names() {
  std::set<std::string> names;
  for (const SecretRow& row : secret_table()) {
    if (row.origin == SecretOrigin::shared) {
      names.insert(row.name);
    }
  }
  return names;
}

Error not_the_secrets(const std::string& why) {
  return make_error(Errc::failed,
                    "what a member sent as the cluster's secrets is not taken: " + why,
                    "compare the versions: orama version, here and on the member");
}

// Asked for once, however many files are missing.
class Fetch {
 public:
  Fetch(NodeSpec spec, NodeSources sources)
      : spec_(std::move(spec)), sources_(std::move(sources)) {}

  Result<std::string> operator()(Host& host, const std::string& name) {
    if (!files_) {
      TRY(files, fetch(host));
      files_ = std::move(files);
    }
    const auto found = files_->find(name);
    return found != files_->end() ? Result<std::string>(found->second.reveal())
                                  : not_the_secrets(name + " is missing");
  }

 private:
  Result<SecretFiles> fetch(Host& host) const {
    TRY(record, read_join_record(host.files));
    if (!record || !sources_.link) {
      return make_error(Errc::not_found,
                        "a secret of the cluster is missing here, and this host does not join now",
                        "copy the file from another member, root's and 0600, or remove this node "
                        "and let it join anew");
    }
    LinkQuestion question{kSecretsPath, {{"roles", spec_.roles()}}};
    question.busy.insert(kConflict);  // they are being sealed for an earlier call of ours
    const auto answer = ask_cluster(host, *sources_.link, record->grant.peers, question);
    if (!answer.ok()) {
      return answer.error().code == Errc::not_allowed
                 ? place_is_gone(host, answer.error().full_message())
                 : answer.error();
    }
    if (answer->status == kNotFound) {
      return place_is_gone(host, answer_words(*answer));
    }
    if (answer->status != kOk) {
      return make_error(
          Errc::failed, "the cluster does not hand its secrets over: " + answer_words(*answer),
          "on the member: journalctl -u orama-gateway; then type the same command again");
    }
    const json sealed = answer->body.is_object() ? answer->body.value("sealed", json()) : json();
    auto bytes = sealed.is_string() ? crypto::from_base64(sealed.get<std::string>())
                                    : Result<std::string>(not_the_secrets("nothing is sealed"));
    if (!bytes.ok()) {
      return not_the_secrets("`sealed` is no base64");
    }
    TRY(seed, read_key(host, "node.key"));
    return open_shared_secrets(seed, *bytes);
  }

  NodeSpec spec_;
  NodeSources sources_;
  std::optional<SecretFiles> files_;
};

}  // namespace

Result<SecretFiles> open_shared_secrets(const crypto::Secret& identity_seed,
                                        const std::string& sealed) {
  TRY(recipient, crypto::x25519_of_identity(identity_seed));
  auto plain = crypto::open_sealed(recipient, sealed);
  if (!plain.ok()) {
    return not_the_secrets("it does not open with this node's key");
  }
  const crypto::Secret text(std::move(plain).value());
  return parse_shared_secrets(text.reveal());
}

Result<SecretFiles> parse_shared_secrets(std::string_view text) {
  const auto body = parse_json(text);
  if (!body.ok() || !body->is_object() || !body->contains("files") ||
      !body->at("files").is_object()) {
    return not_the_secrets("it holds no files");
  }
  std::set<std::string> expected = shared_names();
  SecretFiles files;
  for (const auto& [name, content] : body->at("files").items()) {
    if (expected.erase(name) == 0) {
      return not_the_secrets("a file of it is unknown here");
    }
    if (!content.is_string() || content.get_ref<const std::string&>().empty() ||
        content.get_ref<const std::string&>().size() > kMaxSecretBytes) {
      return not_the_secrets(name + " is empty, too long or no text");
    }
    files.emplace(name, crypto::Secret(content.get<std::string>()));
  }
  if (!expected.empty()) {
    return not_the_secrets(*expected.begin() + " is missing");
  }
  return files;
}

Result<std::string> seal_shared_secrets(Host& host, const std::string& node_key) {
  TRY(recipient, crypto::x25519_of_identity(node_key));
  json files = json::object();
  for (const std::string& name : shared_names()) {
    TRY(content, host.files.read(std::string(paths::kSecrets) + "/" + name));
    files[name] = std::move(content);
  }
  const crypto::Secret plain(json{{"files", std::move(files)}}.dump());
  return crypto::seal_to(recipient, plain.reveal());
}

Step shared_secrets_step(const NodeSpec& spec, const NodeSources& sources) {
  Step step{"secrets", "the cluster's keys and passwords", {}, nullptr};
  step.changes = [spec, sources](Host&) -> Result<Changes> {
    const auto fetch = std::make_shared<Fetch>(spec, sources);
    Changes changes;
    for (SecretRow& row : secret_table()) {
      if (row.origin == SecretOrigin::own) {
        continue;
      }
      const std::string name = row.name;
      auto make = row.origin == SecretOrigin::derived
                      ? std::move(row.make)
                      : [fetch, name](Host& host) { return (*fetch)(host, name); };
      changes.push_back(secret_file(std::string(paths::kSecrets) + "/" + name, std::move(make)));
    }
    return changes;
  };
  return step;
}

}  // namespace orama::installers
