// The change kind "file".
#include <memory>
#include <optional>
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
#include "installers/host/files.h"
#include "installers/line_diff.h"

namespace orama::installers {
namespace {

constexpr std::size_t kMostPrior = 1024UL * 1024;

std::string hash_of(std::string_view content) {
  return crypto::to_hex(crypto::sha256(content));
}

// A file as it stands, or nothing.
struct Present {
  FileStatus status;
  std::string content;
};

Result<std::optional<Present>> look(Files& files, const std::string& path) {
  TRY(status, files.status(path));
  if (!status) {
    return std::optional<Present>();
  }
  if (status->kind != FileKind::regular) {
    return make_error(Errc::conflict, path + " is not a plain file, and orama needs one there",
                      "Move it away.");
  }
  TRY(content, files.read(path));
  return std::optional<Present>(Present{std::move(*status), std::move(content)});
}

class FileChange final : public Change {
 public:
  explicit FileChange(FileSpec spec)
      : spec_(std::move(spec)), content_(with_generated_line(spec_.path, spec_.content)) {}

  std::string_view kind() const override { return "file"; }
  std::string target() const override { return spec_.path; }
  std::vector<std::string> affects() const override { return spec_.affects; }

  Result<bool> converged(ChangeContext& context) override {
    TRY(present, look(context.host.files, spec_.path));
    if (!present) {
      return false;
    }
    if (present->content == content_) {
      return has_ownership(present->status, spec_.ownership);
    }
    TRY_VOID(check_is_ours(context, present->content));
    return false;
  }

  Result<std::string> describe(ChangeContext& context) override {
    TRY(present, look(context.host.files, spec_.path));
    std::string text = "write " + spec_.path + " (" + to_string(spec_.ownership) + ")";
    if ((spec_.ownership.mode & 077) == 0) {
      return text + ", content not shown";
    }
    const std::string_view before =
        present ? without_generated_line(present->content) : std::string_view();
    const std::string diff = line_diff(before, spec_.content);
    return diff.empty() ? text : text + "\n" + diff;
  }

  Result<nlohmann::json> prior(ChangeContext& context) override {
    TRY(present, look(context.host.files, spec_.path));
    // An earlier file of orama's (its receipt is gone) is nothing that an uninstall should bring
    // back.
    if (!present || authorship(present->content) == Authorship::ours) {
      return nlohmann::json{{"existed", false}};
    }
    if (present->content.size() > kMostPrior) {
      return make_error(Errc::too_large, spec_.path + " is too large to be kept for an uninstall",
                        "Move it away.");
    }
    nlohmann::json json = ownership_json(ownership_of(present->status));
    json["existed"] = true;
    json["content_base64"] = crypto::to_base64(present->content);
    return json;
  }

  nlohmann::json wanted() const override {
    nlohmann::json json = ownership_json(spec_.ownership);
    json["sha256"] = hash_of(content_);
    json["affects"] = spec_.affects;
    return json;
  }

  Result<void> apply(ChangeContext& context) override {
    return context.host.files.write(spec_.path, content_, spec_.ownership);
  }

 private:
  Result<void> check_is_ours(const ChangeContext& context, const std::string& present) const {
    const std::string hash = hash_of(present);
    for (const nlohmann::json& recorded : context.recorded) {
      if (recorded.value("sha256", "") == hash) {
        return {};
      }
    }
    switch (authorship(present)) {
      case Authorship::ours:
        return {};
      case Authorship::hand_edited:
        return make_error(Errc::conflict, spec_.path + " was edited since orama wrote it",
                          "Keep the edit elsewhere, remove the file and run the command again.");
      case Authorship::foreign:
        break;
    }
    return context.recorded.empty()
               ? make_error(
                     Errc::conflict,
                     spec_.path + " exists and orama did not write it; it is not overwritten",
                     "Move it away and run the command again.")
               : make_error(Errc::conflict, spec_.path + " was replaced since orama wrote it",
                            "Move it away and run the command again.");
  }

  FileSpec spec_;
  std::string content_;
};

void mark_affected(RevertContext& context, const nlohmann::json& wanted) {
  for (const nlohmann::json& unit : wanted.value("affects", nlohmann::json::array())) {
    context.stale_units.insert(unit.get<std::string>());
  }
}

}  // namespace

std::unique_ptr<Change> file(FileSpec spec) {
  return std::make_unique<FileChange>(std::move(spec));
}

Result<Reverted> revert_file(RevertContext& context, const std::string& target,
                             const nlohmann::json& prior, const nlohmann::json& wanted) {
  Files& files = context.host.files;
  const bool existed = prior.value("existed", false);
  TRY(before, crypto::from_base64(prior.value("content_base64", "")));
  TRY(status, files.status(target));
  if (!status) {
    if (existed) {
      return Reverted{Reverted::Outcome::left, "removed since orama wrote it"};
    }
    mark_affected(context, wanted);  // removed by a revert that was killed, perhaps
    return Reverted{};
  }
  TRY(present, look(files, target));
  if (existed && present->content == before) {
    mark_affected(context, wanted);
    if (!has_ownership(*status, ownership_from(prior))) {
      TRY_VOID(files.write(target, before, ownership_from(prior)));
    }
    return Reverted{};
  }
  if (hash_of(present->content) != wanted.value("sha256", "")) {
    return Reverted{Reverted::Outcome::left, "changed since orama wrote it"};
  }
  TRY_VOID(existed ? files.write(target, before, ownership_from(prior))
                   : files.remove_file(target));
  mark_affected(context, wanted);
  return Reverted{};
}

}  // namespace orama::installers
