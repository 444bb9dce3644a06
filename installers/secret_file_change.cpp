// The change kind "secret-file".
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "installers/change.h"
#include "installers/change_reverts.h"
#include "installers/changes.h"
#include "installers/host/files.h"
#include "installers/host/host.h"

namespace orama::installers {
namespace {

const FileOwnership kSecretOwnership{0600, "root", "root"};

class SecretFileChange final : public Change {
 public:
  SecretFileChange(std::string path, std::function<Result<std::string>(Host&)> make)
      : path_(std::move(path)), make_(std::move(make)) {}

  std::string_view kind() const override { return "secret-file"; }
  std::string target() const override { return path_; }

  Result<bool> converged(ChangeContext& context) override {
    TRY(status, context.host.files.status(path_));
    if (status && status->kind != FileKind::regular) {
      return make_error(Errc::conflict,
                        path_ + " is not a plain file, and orama keeps a secret there",
                        "Move it away.");
    }
    return status && has_ownership(*status, kSecretOwnership);
  }

  Result<std::string> describe(ChangeContext& context) override {
    TRY(status, context.host.files.status(path_));
    return status ? "set " + path_ + " to " + to_string(kSecretOwnership) + ", its content kept"
                  : "make the secret " + path_ + " (" + to_string(kSecretOwnership) + ")";
  }

  Result<nlohmann::json> prior(ChangeContext& context) override {
    TRY(status, context.host.files.status(path_));
    nlohmann::json json = {{"existed", status.has_value()}};
    if (status) {
      json.update(ownership_json(ownership_of(*status)));
    }
    return json;
  }

  nlohmann::json wanted() const override { return ownership_json(kSecretOwnership); }

  Result<void> apply(ChangeContext& context) override {
    TRY(status, context.host.files.status(path_));
    // One that is there is never made anew: other nodes and stored data may depend on it.
    TRY(content, status ? context.host.files.read(path_) : make_(context.host));
    return context.host.files.write(path_, content, kSecretOwnership);
  }

 private:
  std::string path_;
  std::function<Result<std::string>(Host&)> make_;
};

}  // namespace

std::unique_ptr<Change> secret_file(std::string path,
                                    std::function<Result<std::string>(Host&)> make) {
  return std::make_unique<SecretFileChange>(std::move(path), std::move(make));
}

Result<Reverted> revert_secret_file(RevertContext& context, const std::string& target,
                                    const nlohmann::json& prior, const nlohmann::json& wanted) {
  Files& files = context.host.files;
  TRY(status, files.status(target));
  if (!status) {
    return Reverted{};
  }
  if (prior.value("existed", false)) {
    if (has_ownership(*status, ownership_from(wanted))) {
      TRY(content, files.read(target));
      TRY_VOID(files.write(target, content, ownership_from(prior)));
    }
    return Reverted{};
  }
  if (context.data == DataPolicy::keep) {
    return Reverted{Reverted::Outcome::kept, "a key"};
  }
  TRY_VOID(files.remove_file(target));
  return Reverted{};
}

}  // namespace orama::installers
