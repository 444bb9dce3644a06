// The change kind "unit".
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "installers/change.h"
#include "installers/change_reverts.h"
#include "installers/changes.h"
#include "installers/host/systemd.h"

namespace orama::installers {
namespace {

class UnitChange final : public Change {
 public:
  explicit UnitChange(UnitSpec spec) : spec_(std::move(spec)) {}

  std::string_view kind() const override { return "unit"; }
  std::string target() const override { return spec_.unit; }

  Result<bool> converged(ChangeContext& context) override {
    TRY(state, context.host.systemd.state(spec_.unit));
    return state.is_active() && (!wants_enabled() || state.is_enabled()) && !is_stale(context);
  }

  Result<std::string> describe(ChangeContext& context) override {
    TRY(state, context.host.systemd.state(spec_.unit));
    std::string text;
    if (!state.is_active()) {
      text = "start";
    } else if (is_stale(context)) {
      text = must_restart(context) ? "restart" : "reload";
    }
    if (wants_enabled() && !state.is_enabled()) {
      text += text.empty() ? "enable" : " and enable";
    }
    return (text.empty() ? "check" : text) + " " + spec_.unit;
  }

  Result<nlohmann::json> prior(ChangeContext& context) override {
    TRY(state, context.host.systemd.state(spec_.unit));
    return nlohmann::json{{"active", state.is_active()}, {"enabled", state.enabled}};
  }

  nlohmann::json wanted() const override {
    return {{"active", true}, {"enabled", wants_enabled()}};
  }

  Result<void> apply(ChangeContext& context) override {
    Systemd& systemd = context.host.systemd;
    // Files under the units' folders may be new; nothing else tells systemd.
    TRY_VOID(systemd.daemon_reload());
    TRY(before, systemd.state(spec_.unit));
    if (wants_enabled() && !before.is_enabled()) {
      TRY_VOID(systemd.enable(spec_.unit));
    }
    TRY_VOID(run(context, before));
    TRY(after, systemd.state(spec_.unit));
    if (!after.is_active()) {
      return make_error(Errc::failed,
                        spec_.unit + " was started and is " + after.active + " (" + after.result +
                            "), expected active",
                        "Look at `journalctl -u " + spec_.unit + "`.");
    }
    context.stale_units.erase(spec_.unit);
    context.stale_units.erase(spec_.unit + ":reload");
    return {};
  }

 private:
  bool wants_enabled() const { return spec_.enable == UnitSpec::Enable::yes; }

  bool is_stale(const ChangeContext& context) const {
    return context.stale_units.contains(spec_.unit) ||
           context.stale_units.contains(spec_.unit + ":reload");
  }

  bool must_restart(const ChangeContext& context) const {
    return context.stale_units.contains(spec_.unit) && spec_.refresh == UnitSpec::Refresh::restart;
  }

  Result<void> run(const ChangeContext& context, const UnitState& before) const {
    Systemd& systemd = context.host.systemd;
    if (!before.is_active()) {
      return systemd.start(spec_.unit);
    }
    if (must_restart(context)) {
      return systemd.restart(spec_.unit);
    }
    return is_stale(context) ? systemd.reload(spec_.unit) : Result<void>();
  }

  UnitSpec spec_;
};

}  // namespace

std::unique_ptr<Change> unit(UnitSpec spec) {
  return std::make_unique<UnitChange>(std::move(spec));
}

Result<Reverted> revert_unit(RevertContext& context, const std::string& target,
                             const nlohmann::json& prior, const nlohmann::json& wanted) {
  Systemd& systemd = context.host.systemd;
  TRY(state, systemd.state(target));
  if (state.load == "not-found") {
    return Reverted{};
  }
  if (wanted.value("enabled", false) && prior.value("enabled", "") != "enabled" &&
      state.is_enabled()) {
    TRY_VOID(systemd.disable(target));
  }
  if (!prior.value("active", false)) {
    if (state.active != "inactive") {
      TRY_VOID(systemd.stop(target));
    }
    if (state.active == "failed") {
      TRY_VOID(systemd.reset_failed(target));
    }
    return Reverted{};
  }
  return state.is_active() ? Reverted{}
                           : Reverted{Reverted::Outcome::left,
                                      "it ran before orama and is " + state.active + " now"};
}

}  // namespace orama::installers
