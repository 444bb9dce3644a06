#include "installers/steps/caddyfile_change.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/crypto/encoding.h"
#include "common/crypto/hash.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/change_reverts.h"
#include "installers/changes.h"
#include "installers/generated_file.h"
#include "installers/host/command_runner.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/paths.h"
#include "installers/steps/caddy.h"
#include "installers/steps/caddy_certificates.h"
#include "installers/steps/caddy_config.h"
#include "installers/steps/caddy_operator.h"

namespace orama::installers {
namespace {

constexpr std::string_view kKind = "caddyfile";
constexpr const char* kCheckFolder = "/var/lib/orama/install/caddy-check";

class CaddyfileChange final : public Change {
 public:
  explicit CaddyfileChange(CaddyfileSpec spec)
      : spec_(std::move(spec)),
        file_(file({paths::kCaddyfile,
                    spec_.content,
                    {0644, "root", "root"},
                    {std::string(paths::kCaddyUnit) + ":reload"}})) {}

  std::string_view kind() const override { return kKind; }
  std::string target() const override { return file_->target(); }
  std::vector<std::string> affects() const override { return file_->affects(); }
  nlohmann::json wanted() const override { return file_->wanted(); }
  Result<nlohmann::json> prior(ChangeContext& context) override { return file_->prior(context); }

  // An operator's file that does not fit in is said here, so that --plan says it too.
  Result<bool> converged(ChangeContext& context) override {
    TRY(is_so, file_->converged(context));
    if (!is_so && spec_.operator_file == OperatorFile::imported) {
      TRY_VOID(check_operator_caddyfile(context.host, spec_.content));
    }
    return is_so;
  }

  Result<std::string> describe(ChangeContext& context) override {
    TRY(text, file_->describe(context));
    return spec_.operator_file == OperatorFile::imported
               ? std::string("import ") + kCaddyOperatorFile + "; " + text
               : text;
  }

  Result<void> apply(ChangeContext& context) override {
    TRY_VOID(validate_caddyfile(context.host, spec_.content));
    if (!spec_.stand_in_domain.empty()) {
      TRY_VOID(drop_long_stand_in(context.host, spec_.stand_in_domain));
    }
    return file_->apply(context);
  }

 private:
  CaddyfileSpec spec_;
  std::unique_ptr<Change> file_;
};

}  // namespace

std::unique_ptr<Change> caddyfile_change(CaddyfileSpec spec) {
  return std::make_unique<CaddyfileChange>(std::move(spec));
}

ChangeKind caddyfile_kind() {
  return {kKind, revert_caddyfile};
}

Result<Reverted> revert_caddyfile(RevertContext& context, const std::string& target,
                                  const nlohmann::json& prior, const nlohmann::json& wanted) {
  const Result<std::string> present = context.host.files.read(target);
  if (!present.ok() || authorship(present.value()) != Authorship::ours) {
    return revert_file(context, target, prior, wanted);
  }
  nlohmann::json written = wanted;
  written["sha256"] = crypto::to_hex(crypto::sha256(present.value()));
  return revert_file(context, target, prior, written);
}

Result<void> validate_caddyfile(Host& host, const std::string& content) {
  Command adapt(
      {"caddy", "adapt", "--adapter", "caddyfile", "--config", "/dev/stdin", "--validate"});
  adapt.input = content;
  // STEPPATH: a library in caddy makes ~/.step at every start, unless this folder is there.
  adapt.environment = {
      {"XDG_DATA_HOME", kCheckFolder}, {"XDG_CONFIG_HOME", kCheckFolder}, {"STEPPATH", "/"}};
  const Result<CommandOutput> output = host.commands.run(adapt);
  TRY_VOID(host.files.remove_tree(kCheckFolder));
  if (!output.ok()) {
    return output.error();
  }
  if (!output->ok()) {
    return make_error(Errc::failed,
                      "Caddy does not accept the configuration that was to be written to " +
                          std::string(paths::kCaddyfile) + ": " + caddy_reason(output->err) +
                          "; nothing was written",
                      std::string("look at the files in ") + kCaddySites);
  }
  return {};
}

}  // namespace orama::installers
