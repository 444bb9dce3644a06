#include "gateway/backends/rqlite_registry.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/this_coro.hpp>

#include "common/crypto/encoding.h"
#include "common/result.h"
#include "gateway/backends/http_pool.h"
#include "gateway/backends/registry.h"
#include "gateway/backends/rqlite_answer.h"
#include "gateway/backends/rqlite_statement.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::backends {
namespace {

// The engine's own failing, as against a statement's.
bool is_engine_trouble(Errc code) {
  return code != Errc::conflict && code != Errc::invalid_argument;
}

}  // namespace

RqliteRegistry::RqliteRegistry(const std::vector<asio::io_context*>& contexts,
                               const Options& options) {
  HttpPool::Options pool_options;
  pool_options.endpoint = options.endpoint;
  if (!options.user.empty()) {
    pool_options.authorization =
        "Basic " + crypto::to_base64(options.user + ":" + options.password.reveal());
  }
  for (asio::io_context* context : contexts) {
    pools_.emplace_back(context, std::make_unique<HttpPool>(*context, pool_options));
  }
}

Awaitable<Result<EngineReply>> RqliteRegistry::call(EngineCall call) {
  const auto executor = co_await asio::this_coro::executor;
  const auto pool = std::find_if(pools_.begin(), pools_.end(), [&executor](const auto& candidate) {
    return candidate.first == &executor.context();
  });
  ORAMA_ASSERT(pool != pools_.end());
  co_return co_await pool->second->call(std::move(call));
}

Awaitable<Result<Rows>> RqliteRegistry::query(Statement statement, Consistency consistency) {
  const std::uint64_t errors_before = errors_.load();
  const bool linearizable =
      consistency == Consistency::linearizable || proven_.load() != errors_before;
  std::vector<Statement> statements;
  statements.push_back(std::move(statement));
  CO_TRY(body, encode_statements(statements));
  EngineCall read(EngineCall::Kind::read, "POST",
                  linearizable ? "/db/query?level=linearizable" : "/db/query?level=weak",
                  std::move(body));
  auto reply = co_await call(std::move(read));
  if (!reply.ok()) {
    note_error();
    co_return std::move(reply).error();
  }
  auto rows = decode_query(reply->status, reply->body);
  if (rows.ok() && linearizable) {
    proven_.store(errors_before);
  } else if (!rows.ok() && is_engine_trouble(rows.error().code)) {
    note_error();
  }
  co_return rows;
}

Awaitable<Result<std::vector<std::int64_t>>> RqliteRegistry::execute(
    std::vector<Statement> statements) {
  CO_TRY(body, encode_statements(statements));
  EngineCall write(EngineCall::Kind::write, "POST", "/db/execute?transaction&norwtime&norwrandom",
                   std::move(body));
  auto reply = co_await call(std::move(write));
  if (!reply.ok()) {
    note_error();
    co_return std::move(reply).error();
  }
  auto affected = decode_execute(reply->status, reply->body, statements);
  if (!affected.ok() && is_engine_trouble(affected.error().code)) {
    note_error();
  }
  co_return affected;
}

Awaitable<Result<void>> RqliteRegistry::ping() {
  Statement statement("SELECT 1");
  CO_TRY(rows, co_await query(std::move(statement), Consistency::weak));
  if (rows.rows.size() != 1) {
    co_return make_error(Errc::failed, "the registry answered SELECT 1 without a row");
  }
  co_return Result<void>();
}

Awaitable<Result<RegistryState>> RqliteRegistry::state() {
  // The engine asks each member, and by itself would wait longer for a silent one than we for it.
  EngineCall ask_nodes(EngineCall::Kind::read, "GET", "/nodes?nonvoters&ver=2&timeout=1s", "");
  CO_TRY(nodes, co_await call(std::move(ask_nodes)));
  EngineCall ask_status(EngineCall::Kind::read, "GET", "/status", "");
  CO_TRY(status, co_await call(std::move(ask_status)));
  if (nodes.status != 200 || status.status != 200) {
    co_return make_error(Errc::quorum_refused, "rqlite answered " + std::to_string(nodes.status) +
                                                   " to /nodes, " + std::to_string(status.status) +
                                                   " to /status; expected 200");
  }
  co_return decode_state(nodes.body, status.body);
}

}  // namespace orama::gateway::backends
