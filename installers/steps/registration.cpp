#include "installers/steps/registration.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/http_client.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/steps/admin_call.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr std::string_view kKind = "registration";
constexpr int kOk = 200, kNotFound = 404;

json told_of(const NodeSpec& spec) {
  json told = {{"roles", spec.roles()}};
  if (!spec.development()) {
    told["endpoints"] = public_endpoints(spec);
  }
  return told;
}

class Registration final : public Change {
 public:
  explicit Registration(NodeSpec spec) : spec_(std::move(spec)) {}

  std::string_view kind() const override { return kKind; }
  // The note, not the node: a target, and with it a fault point, is the same in every install.
  std::string target() const override { return paths::kRegistered; }

  // A note that cannot be read is no note: the cluster is told again.
  Result<bool> converged(ChangeContext& context) override {
    const auto text = context.host.files.read(paths::kRegistered);
    const auto note = text.ok() ? parse_json(*text) : Result<json>(text.error());
    return note.ok() && *note == told_of(spec_);
  }

  Result<std::string> describe(ChangeContext&) override {
    return "tell the cluster where this node is reached and what it serves: " +
           told_of(spec_).dump();
  }

  Result<json> prior(ChangeContext&) override { return json::object(); }
  json wanted() const override { return told_of(spec_); }

  Result<void> apply(ChangeContext& context) override {
    HttpRequest request = admin_request("POST", "/admin/nodes/" + spec_.node_id);
    request.headers = {"Content-Type: application/json"};
    request.body = told_of(spec_).dump();
    const auto response = send_until_answered(context, request);
    if (!response.ok()) {
      return make_error(
          response.error().code,
          "the cluster could not be told where this node is reached: " + response.error().message,
          "journalctl -u orama-gateway; then type the same command again");
    }
    if (response->status != kOk) {
      return make_error(
          response->status == kNotFound ? Errc::conflict : Errc::failed,
          "the cluster does not take where this node is reached: " + answer_text(*response),
          response->status == kNotFound
              ? "this node was removed: sudo orama uninstall --purge --yes"
              : "orama status; then type the same command again");
    }
    return context.host.files.write(paths::kRegistered, told_of(spec_).dump() + "\n",
                                    {0600, "root", "root"});
  }

 private:
  NodeSpec spec_;
};

Result<Reverted> revert_registration(RevertContext& context, const std::string&, const json&,
                                     const json&) {
  TRY_VOID(context.host.files.remove_file(paths::kRegistered));
  return Reverted{};
}

}  // namespace

std::vector<std::string> public_endpoints(const NodeSpec& spec) {
  if (spec.development()) {
    return {};
  }
  return {spec.public_address.for_url() + ":" + std::to_string(paths::kWireguardPort)};
}

std::unique_ptr<Change> registration(const NodeSpec& spec) {
  return std::make_unique<Registration>(spec);
}

ChangeKind registration_kind() {
  return {kKind, revert_registration};
}

}  // namespace orama::installers
