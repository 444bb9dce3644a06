// The reverts of the shared kinds, each beside its change; changes.cpp gathers them.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "installers/change.h"

namespace orama::installers {

Result<Reverted> revert_directory(RevertContext& context, const std::string& target,
                                  const nlohmann::json& prior, const nlohmann::json& wanted);
Result<Reverted> revert_file(RevertContext& context, const std::string& target,
                             const nlohmann::json& prior, const nlohmann::json& wanted);
Result<Reverted> revert_secret_file(RevertContext& context, const std::string& target,
                                    const nlohmann::json& prior, const nlohmann::json& wanted);
Result<Reverted> revert_unit(RevertContext& context, const std::string& target,
                             const nlohmann::json& prior, const nlohmann::json& wanted);

// "0640 root:orama", and its form in the receipt.
std::string to_string(const FileOwnership& ownership);
nlohmann::json ownership_json(const FileOwnership& ownership);
FileOwnership ownership_of(const FileStatus& status);
// What the receipt says; root 0600 where it says nothing.
FileOwnership ownership_from(const nlohmann::json& json);
bool has_ownership(const FileStatus& status, const FileOwnership& ownership);

}  // namespace orama::installers
