#include "installers/steps/registry.h"

#include <chrono>
#include <string>
#include <utility>

#include "common/http_client.h"
#include "common/result.h"
#include "common/text_template.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/registry_guard.h"
#include "installers/step.h"

namespace orama::installers {
namespace {

constexpr int kOk = 200;

Result<std::string> environment_file(const NodeSpec& spec) {
  return fill_template("ORAMA_NODE_ID=${node_id}\nORAMA_MESH_IP=${mesh_ip}\n",
                       {{"node_id", spec.node_id}, {"mesh_ip", spec.mesh_ip.to_string()}},
                       TemplateFormat::env_file);
}

std::string without_line_end(std::string text) {
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return text;
}

// Ready means that a leader is known; what it has replayed is the gateway's to check.
Result<bool> registry_is_ready(Host& host, const std::string& address) {
  auto password = host.files.read(std::string(paths::kSecrets) + "/agent-registry-password");
  if (!password.ok()) {
    if (password.error().code == Errc::not_found) {
      return false;  // nothing is installed yet (--plan)
    }
    return std::move(password).error();
  }
  HttpRequest request;
  request.url = "http://" + address + "/readyz";
  request.user = "agent";
  request.password = without_line_end(std::move(password).value());
  request.timeout = std::chrono::seconds(3);
  const auto response = host.http.send(request);
  if (!response.ok()) {
    return false;  // not listening yet
  }
  constexpr int kUnauthorized = 401;
  if (response->status == kUnauthorized) {
    return make_error(Errc::conflict,
                      "the registry on " + address + " refuses the password in " +
                          std::string(paths::kSecrets) +
                          "/agent-registry-password: it runs with another rqlite-auth.json",
                      "systemctl restart orama-rqlite");
  }
  return response->status == kOk;
}

// What the unit would refuse (registry_guard.h) is told before it is started, in its own words.
Result<void> data_is_there(Host& host) {
  TRY(node, host.files.status(paths::kNodeJson));
  return node ? registry_guard(host.files) : Result<void>();
}

}  // namespace

Step registry_step(const NodeSpec& spec) {
  Step step{"registry", "registry (RQLite)", {}, nullptr};
  step.changes = [spec](Host& host) -> Result<Changes> {
    TRY_VOID(data_is_there(host));
    TRY(environment, environment_file(spec));
    const std::string address =
        spec.mesh_ip.to_string() + ":" + std::to_string(paths::kRqliteHttpPort);
    Changes changes;
    changes.push_back(
        file({paths::kRqliteEnv, environment, {0644, "root", "root"}, {paths::kRqliteUnit}}));
    changes.push_back(unit({paths::kRqliteUnit, UnitSpec::Enable::yes}));
    changes.push_back(
        wait_until({"the registry answers on " + address,
                    [address](Host& host) { return registry_is_ready(host, address); },
                    std::chrono::seconds(60), "journalctl -u orama-rqlite"}));
    return changes;
  };
  return step;
}

}  // namespace orama::installers
