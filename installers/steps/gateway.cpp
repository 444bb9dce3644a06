#include "installers/steps/gateway.h"

#include <chrono>
#include <string>
#include <vector>

#include "common/http_client.h"
#include "common/result.h"
#include "common/text_template.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/engines/engine_node.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/step.h"
#include "installers/steps/node_sources.h"

namespace orama::installers {
namespace {

constexpr int kOk = 200;
constexpr const char* kSocketDropInFolder = "/etc/systemd/system/orama-gateway.socket.d";

// Roles come last in the file, under `node:`: a template has no lists.
Result<std::string> role_lines(const NodeSpec& spec) {
  const std::vector<std::string> roles = spec.roles();
  std::string lines = roles.empty() ? "  roles: []\n" : "  roles:\n";
  for (const std::string& role : roles) {
    TRY(line, fill_template("    - ${role}\n", {{"role", role}}, TemplateFormat::yaml));
    lines += line;
  }
  return lines;
}

Result<std::string> configuration(Host& host, const NodeSpec& spec, const NodeSources& sources) {
  TRY(text, host.files.read(sources.share + "/templates/orama.yaml"));
  const std::string mesh_ip = spec.mesh_ip.to_string();
  const auto on_mesh = [&mesh_ip](int port) { return mesh_ip + ":" + std::to_string(port); };
  const TemplateValues values = {
      {"cluster_id", spec.cluster_id},
      {"cluster_name", spec.base_domain},
      {"base_domain", spec.base_domain},
      {"registry_url", "http://" + on_mesh(paths::kRqliteHttpPort)},
      {"database_url", "http://" + on_mesh(paths::kDatabaseHttpPort)},
      {"cache_address", on_mesh(paths::kOlricPort)},
      {"storage_url", "http://" + local_ip(mesh_ip) + ":" + std::to_string(paths::kIpfsRpcPort)},
      {"pinning_url", "http://" + on_mesh(paths::kIpfsClusterRestPort)},
      {"local_listen", sources.local_listen},
      {"mesh_listen", on_mesh(paths::kGatewayPort)},
      {"node_id", spec.node_id},
      {"node_name", spec.name},
      {"domain", spec.domain},
      {"mesh_ip", mesh_ip},
      {"mesh_cidr", spec.mesh_cidr.to_string()},
      {"public_address", spec.public_address.to_string()},
  };
  TRY(filled, fill_template(text, values, TemplateFormat::yaml));
  TRY(roles, role_lines(spec));
  return filled + roles;
}

// The static unit has one listener on the loopback address; this adds the others of a thread each.
std::string socket_addresses(const NodeSpec& spec, unsigned threads) {
  const std::string port = ":" + std::to_string(paths::kGatewayPort) + "\n";
  std::string text = "[Socket]\n";
  for (unsigned thread = 0; thread < threads; ++thread) {
    if (thread > 0) {
      text += "ListenStream=127.0.0.1" + port;
    }
    text += "ListenStream=" + spec.mesh_ip.to_string() + port;
  }
  // One listener: all links live on one thread.
  text +=
      "ListenStream=" + spec.mesh_ip.to_string() + ":" + std::to_string(paths::kLinkPort) + "\n";
  return text;
}

Condition answers(const std::string& listen, const char* path, std::chrono::milliseconds timeout) {
  const std::string url = "http://" + listen + path;
  Condition condition;
  condition.what = "the gateway answers " + url;
  condition.ready = [url](Host& host) -> Result<bool> {
    HttpRequest request;
    request.url = url;
    request.timeout = std::chrono::seconds(3);
    const auto response = host.http.send(request);
    return response.ok() && response->status == kOk;
  };
  condition.timeout = timeout;
  condition.hint = "journalctl -u orama-gateway";
  return condition;
}

}  // namespace

Step gateway_step(const NodeSpec& spec, const NodeSources& sources) {
  Step step{"gateway", "gateway", {}, nullptr};
  step.changes = [spec, sources](Host& host) -> Result<Changes> {
    TRY(yaml, configuration(host, spec, sources));
    const std::string drop_in = std::string(kSocketDropInFolder) + "/addresses.conf";
    Changes changes;
    changes.push_back(file({paths::kConfig, yaml, {0644, "root", "root"}, {paths::kGatewayUnit}}));
    changes.push_back(directory(kSocketDropInFolder, {0755, "root", "root"}));
    changes.push_back(file({drop_in,
                            socket_addresses(spec, sources.cores),
                            {0644, "root", "root"},
                            {paths::kGatewaySocketUnit}}));
    changes.push_back(unit({paths::kGatewaySocketUnit, UnitSpec::Enable::yes}));
    changes.push_back(unit({paths::kGatewayUnit, UnitSpec::Enable::yes}));
    changes.push_back(
        wait_until(answers(sources.local_listen, "/livez", std::chrono::seconds(20))));
    changes.push_back(
        wait_until(answers(sources.local_listen, "/readyz", std::chrono::seconds(60))));
    return changes;
  };
  return step;
}

}  // namespace orama::installers
