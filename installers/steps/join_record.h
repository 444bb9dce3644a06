// /var/lib/orama/install/join.json: what the cluster answered to this host's redemption, from then
// until the join is confirmed. Root's, 0600; holds no secret and no token, so that the same command
// typed again needs no second answer. One writer: the redeem step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "common/join/messages.h"
#include "common/result.h"
#include "installers/host/files.h"

namespace orama::installers {

struct JoinRecord {
  std::string invite;  // id of the invitation, as people have it
  std::string url;     // that was called
  join::Grant grant;
  std::int64_t clock_skew_s = 0;  // this host's clock minus the cluster's

  nlohmann::json to_json() const;
  static Result<JoinRecord> from_json(const nlohmann::json& json);
};

// nullopt when there is none.
Result<std::optional<JoinRecord>> read_join_record(Files& files);
Result<void> write_join_record(Files& files, const JoinRecord& record);
Result<void> remove_join_record(Files& files);

}  // namespace orama::installers
