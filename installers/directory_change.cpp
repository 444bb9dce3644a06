// The change kind "directory".
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

namespace orama::installers {
namespace {

class DirectoryChange final : public Change {
 public:
  DirectoryChange(std::string path, FileOwnership ownership, Contents contents)
      : path_(std::move(path)), ownership_(std::move(ownership)), contents_(contents) {}

  std::string_view kind() const override { return "directory"; }
  std::string target() const override { return path_; }

  Result<bool> converged(ChangeContext& context) override {
    TRY(status, context.host.files.status(path_));
    if (status && status->kind != FileKind::directory) {
      return make_error(Errc::conflict, path_ + " is not a folder, and orama needs one there",
                        "Move it away.");
    }
    return status && has_ownership(*status, ownership_);
  }

  Result<std::string> describe(ChangeContext& context) override {
    TRY(status, context.host.files.status(path_));
    return (status ? "set the folder " : "make the folder ") + path_ + " (" +
           to_string(ownership_) + ")";
  }

  Result<nlohmann::json> prior(ChangeContext& context) override {
    TRY(status, context.host.files.status(path_));
    nlohmann::json json = {{"existed", status.has_value()}};
    if (status) {
      json.update(ownership_json(ownership_of(*status)));
    }
    return json;
  }

  nlohmann::json wanted() const override {
    nlohmann::json json = ownership_json(ownership_);
    json["data"] = contents_ == Contents::data;
    json["mixed"] = contents_ == Contents::mixed;
    return json;
  }

  Result<void> apply(ChangeContext& context) override {
    return context.host.files.make_directory(path_, ownership_);
  }

 private:
  std::string path_;
  FileOwnership ownership_;
  Contents contents_;
};

Result<Reverted> restore_ownership(Files& files, const std::string& path, const FileStatus& status,
                                   const nlohmann::json& prior, const nlohmann::json& wanted) {
  const FileOwnership before = ownership_from(prior);
  if (!has_ownership(status, before)) {
    if (!has_ownership(status, ownership_from(wanted))) {
      return Reverted{Reverted::Outcome::left, "owner or mode changed since orama set them"};
    }
    TRY_VOID(files.make_directory(path, before));
  }
  return Reverted{};
}

}  // namespace

std::unique_ptr<Change> directory(std::string path, FileOwnership ownership, Contents contents) {
  return std::make_unique<DirectoryChange>(std::move(path), std::move(ownership), contents);
}

Result<Reverted> revert_directory(RevertContext& context, const std::string& target,
                                  const nlohmann::json& prior, const nlohmann::json& wanted) {
  Files& files = context.host.files;
  TRY(status, files.status(target));
  if (!status) {
    return prior.value("existed", false)
               ? Reverted{Reverted::Outcome::left, "removed since orama set it"}
               : Reverted{};
  }
  if (prior.value("existed", false)) {
    return restore_ownership(files, target, *status, prior, wanted);
  }
  const bool data = wanted.value("data", false);
  if (data && context.data == DataPolicy::purge) {
    TRY_VOID(files.remove_tree(target));
    return Reverted{};
  }
  const auto removed = files.remove_directory(target);
  if (removed.ok()) {
    return Reverted{};
  }
  if (removed.error().code != Errc::conflict) {
    return removed.error();
  }
  if (data) {
    return Reverted{Reverted::Outcome::kept, "data"};
  }
  const bool holds_kept = wanted.value("mixed", false) && context.data == DataPolicy::keep;
  return holds_kept ? Reverted{Reverted::Outcome::kept, "holds what is kept"}
                    : Reverted{Reverted::Outcome::left, "not empty"};
}

}  // namespace orama::installers
