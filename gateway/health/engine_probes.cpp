#include "gateway/health/engine_probes.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/crypto/encoding.h"
#include "common/result.h"
#include "gateway/backends/http_pool.h"
#include "gateway/backends/resp_call.h"
#include "gateway/backends/rqlite_answer.h"
#include "gateway/health/engine_answers.h"
#include "gateway/health/probes.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::health {
namespace {

using backends::EngineCall;
using backends::HttpPool;
using PoolPtr = std::shared_ptr<HttpPool>;
using ReadIdentity = Result<EngineIdentity> (*)(int, std::string_view);

constexpr std::size_t kMaxReplyBytes = 256UL * 1024;

PoolPtr pool_of(asio::io_context& context, const EngineAt& engine) {
  HttpPool::Options options;
  options.endpoint = engine.endpoint;
  if (!engine.user.empty()) {
    options.authorization =
        "Basic " + crypto::to_base64(engine.user + ":" + engine.password.reveal());
  }
  options.deadline = engine.deadline;
  options.max_reply_bytes = kMaxReplyBytes;
  options.max_idle = 1;
  return std::make_shared<HttpPool>(context, std::move(options));
}

// A weak read: the leader answers it, so that without one the database is not up.
Awaitable<Result<void>> look_at_database(PoolPtr pool) {
  EngineCall ask_ready(EngineCall::Kind::read, "GET", "/readyz", "");
  CO_TRY(ready, co_await pool->call(std::move(ask_ready)));
  CO_TRY_VOID(judge_database_ready(ready.status, ready.body));
  EngineCall ask_row(EngineCall::Kind::read, "POST", "/db/query?level=weak", R"(["SELECT 1"])");
  CO_TRY(answer, co_await pool->call(std::move(ask_row)));
  CO_TRY(rows, backends::decode_query(answer.status, answer.body));
  if (rows.rows.size() != 1) {
    co_return make_error(Errc::failed, "rqlite answered SELECT 1 without a row");
  }
  co_return Result<void>();
}

Awaitable<Result<void>> look_at_cache(asio::io_context* context, EngineAt engine) {
  backends::RespCall call;
  call.endpoint = engine.endpoint;
  call.deadline = engine.deadline;
  call.commands = {{"AUTH", engine.password.reveal()}, {"PING"}};
  CO_TRY(replies, co_await backends::call_resp(context, std::move(call)));
  co_return judge_cache(replies);
}

Awaitable<Result<void>> look_at_identity(PoolPtr pool, const char* method, const char* target,
                                         ReadIdentity read, SharedIdentity identity) {
  EngineCall ask(EngineCall::Kind::read, method, target, "");
  CO_TRY(answer, co_await pool->call(std::move(ask)));
  CO_TRY(found, read(answer.status, answer.body));
  identity->set(std::move(found));
  co_return Result<void>();
}

Probe probe(std::string name, std::string engine, std::function<Awaitable<Result<void>>()> look) {
  Probe made;
  made.name = std::move(name);
  made.engine = std::move(engine);
  made.look = std::move(look);
  return made;
}

}  // namespace

Probe database_probe(asio::io_context& context, const EngineAt& engine) {
  return probe("database", "rqlite",
               [pool = pool_of(context, engine)] { return look_at_database(pool); });
}

Probe cache_probe(asio::io_context& context, const EngineAt& engine) {
  return probe("cache", "olric", [io = &context, engine] { return look_at_cache(io, engine); });
}

Probe storage_probe(asio::io_context& context, const EngineAt& engine, SharedIdentity identity) {
  return probe("storage", "kubo",
               [pool = pool_of(context, engine), identity = std::move(identity)] {
                 return look_at_identity(pool, "POST", "/api/v0/id", &read_storage_id, identity);
               });
}

Probe pinning_probe(asio::io_context& context, const EngineAt& engine, SharedIdentity identity) {
  return probe("pinning", "ipfs-cluster",
               [pool = pool_of(context, engine), identity = std::move(identity)] {
                 return look_at_identity(pool, "GET", "/id", &read_pinning_id, identity);
               });
}

}  // namespace orama::gateway::health
