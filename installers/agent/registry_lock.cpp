#include "installers/agent/registry_lock.h"

#include <chrono>
#include <cstdint>

#include "common/clock.h"
#include "common/result.h"
#include "installers/host/host.h"
#include "installers/local_rqlite.h"
#include "installers/rqlite_engine.h"

namespace orama::installers {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kLockTime{30}, kUnlockPatience{10};
constexpr milliseconds kPollInterval{250};

}  // namespace

Result<bool> RegistryLock::take() {
  const std::int64_t now = to_unix_ms(host_.clock.wall_now());
  const std::int64_t until = now + std::chrono::duration_cast<milliseconds>(kLockTime).count();
  LocalRqlite registry(host_, kRegistry, mesh_ip_);
  TRY(changed,
      registry.execute("INSERT INTO locks(name, holder, until) VALUES(?, ?, ?) "
                       "ON CONFLICT(name) DO UPDATE SET holder=excluded.holder, "
                       "until=excluded.until WHERE locks.until<? OR locks.holder=excluded.holder",
                       {name_, holder_, until, now}));
  return changed == 1;
}

Result<void> RegistryLock::release() {
  LocalRqlite registry(host_, kRegistry, mesh_ip_);
  TRY_VOID(registry.execute("DELETE FROM locks WHERE name=? AND holder=?", {name_, holder_}));
  return {};
}

Result<void> RegistryLock::release_soon() {
  const SteadyTime deadline = host_.clock.steady_now() + kUnlockPatience;
  for (;;) {
    const auto released = release();
    if (released.ok() || host_.clock.steady_now() >= deadline) {
      return released;
    }
    host_.clock.sleep_for(kPollInterval);
  }
}

}  // namespace orama::installers
