// The registry's schema, brought up to what this gateway needs. Migrations only add (the previous
// release runs on their result), are one transaction each, and begin with INSERT INTO
// migrations(n): of gateways that race, one wins each and the others read again. Stateless.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"

namespace orama::gateway::cluster {

struct Migration {
  int number = 0;  // from 1, without gaps
  std::string_view name;
  std::string_view sql;
};

// Those of gateway/sql/migrations, by number.
std::span<const Migration> embedded_migrations();

// Each migration's statements as SQLite itself splits them, found by running all in a database in
// memory.
Result<std::vector<std::vector<std::string>>> split_migrations(
    std::span<const Migration> migrations);

// Applies what is missing and returns how many this call applied. A registry that knows migrations
// that this gateway does not know is left as it is.
Awaitable<Result<int>> migrate(backends::Registry* registry, std::span<const Migration> migrations);

}  // namespace orama::gateway::cluster
