// The registry in RQLite over HTTP, on pooled connections of each io thread's own. After the start
// and after each error one linearizable read must succeed before a weak one counts
// (engines-rqlite.md 1, rule 9): until then weak reads are made linearizable here. Owns its pools;
// call only from the io_contexts given.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/crypto/secret.h"
#include "common/result.h"
#include "gateway/backends/http_pool.h"
#include "gateway/backends/registry.h"

namespace orama::gateway::backends {

class RqliteRegistry final : public Registry {
 public:
  struct Options {
    HttpEndpoint endpoint;
    std::string user;
    crypto::Secret password;
  };

  RqliteRegistry(const std::vector<asio::io_context*>& contexts, const Options& options);

  std::string_view engine() const override { return "rqlite"; }
  Awaitable<Result<Rows>> query(Statement statement, Consistency consistency) override;
  Awaitable<Result<std::vector<std::int64_t>>> execute(std::vector<Statement> statements) override;
  Awaitable<Result<void>> ping() override;
  Awaitable<Result<RegistryState>> state() override;

 private:
  Awaitable<Result<EngineReply>> call(EngineCall call);
  void note_error() { errors_.fetch_add(1); }

  std::vector<std::pair<asio::io_context*, std::unique_ptr<HttpPool>>> pools_;
  // A weak read counts while no error came after the last linearizable one.
  std::atomic<std::uint64_t> errors_{1};
  std::atomic<std::uint64_t> proven_{0};
};

}  // namespace orama::gateway::backends
