#include "installers/steps/join_record.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/api/fields.h"
#include "common/join/messages.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/host/files.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kShort = 64, kUrl = 300;

}  // namespace

json JoinRecord::to_json() const {
  return {{"v", kVersion},
          {"invite", invite},
          {"url", url},
          {"grant", grant.to_json()},
          {"clock_skew_s", clock_skew_s}};
}

Result<JoinRecord> JoinRecord::from_json(const json& body) {
  const api::Fields fields(body);
  TRY(version, fields.integer("v"));
  if (version != kVersion) {
    return fields.wrong("v", "1");
  }
  JoinRecord record;
  TRY(invite, fields.text("invite", kShort));
  TRY(url, fields.text("url", kUrl));
  TRY(skew, fields.integer("clock_skew_s"));
  TRY_VOID(fields.object("grant"));
  TRY(grant, join::Grant::from_json(body.at("grant")));
  record.invite = std::move(invite);
  record.url = std::move(url);
  record.grant = std::move(grant);
  record.clock_skew_s = skew;
  return record;
}

Result<std::optional<JoinRecord>> read_join_record(Files& files) {
  const auto text = files.read(paths::kJoinRecord);
  if (!text.ok()) {
    if (text.error().code == Errc::not_found) {
      return std::optional<JoinRecord>();
    }
    return text.error();
  }
  const auto body = parse_json(*text);
  auto record = body.ok() ? JoinRecord::from_json(*body) : Result<JoinRecord>(body.error());
  if (!record.ok()) {
    return make_error(
        Errc::conflict,
        std::string(paths::kJoinRecord) + " cannot be read: " + record.error().message,
        "remove that file and type the whole join command again: the cluster gives "
        "the same answer");
  }
  return std::optional<JoinRecord>(std::move(record).value());
}

Result<void> write_join_record(Files& files, const JoinRecord& record) {
  return files.write(paths::kJoinRecord, record.to_json().dump(2) + "\n", {0600, "root", "root"});
}

Result<void> remove_join_record(Files& files) {
  return files.remove_file(paths::kJoinRecord);
}

}  // namespace orama::installers
