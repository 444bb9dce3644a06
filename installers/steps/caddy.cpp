#include "installers/steps/caddy.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "common/http_client.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/command_runner.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/step.h"
#include "installers/steps/caddy_certificates.h"
#include "installers/steps/caddy_config.h"
#include "installers/steps/caddy_operator.h"
#include "installers/steps/caddyfile_change.h"
#include "installers/steps/node_sources.h"

namespace orama::installers {
namespace {

constexpr const char* kDropInFolder = "/etc/systemd/system/caddy.service.d";
constexpr const char* kDropIn = "/etc/systemd/system/caddy.service.d/orama.conf";
constexpr std::size_t kMostRoots = 256UL * 1024;

// The roots of a private ACME server. Kept under /etc/orama, because the operator's file may be
// gone (a temporary folder) when the plan is run again; then the copy stands.
Result<std::string> acme_root(Files& files, const NodeSpec& spec) {
  Result<std::string> pem = files.read(spec.acme_ca_root);
  if (!pem.ok() && pem.error().code == Errc::not_found) {
    Result<std::string> copy = files.read(kCaddyAcmeRoot);
    pem = copy.ok() ? std::move(copy) : std::move(pem);
  }
  TRY(text, std::move(pem).while_doing("reading --acme-ca-root"));
  if (text.size() > kMostRoots || text.find("PRIVATE KEY") != std::string::npos) {
    return make_error(Errc::invalid_argument, spec.acme_ca_root +
                                                  " is over 256 KiB or holds a private key; "
                                                  "expected certificates alone");
  }
  const std::size_t begin = text.find("-----BEGIN CERTIFICATE-----");
  TRY(certificate, parse_certificate(text).while_doing("reading " + spec.acme_ca_root));
  static_cast<void>(certificate);
  return text.substr(begin);  // from there, so that the copy's own generated line is left out
}

// Another drop-in may set ExecStart too, and the last one wins.
Result<bool> runs_ours(Host& host) {
  TRY(command, run_checked(host.commands, Command({"systemctl", "show", "--property=ExecStart",
                                                   paths::kCaddyUnit})));
  if (command.find(std::string("--config ") + paths::kCaddyfile) == std::string::npos) {
    return make_error(Errc::conflict, "its unit runs something else");
  }
  HttpRequest request;
  request.url = "http://127.0.0.1/";  // Caddy's own answer: /health would wait for the gateway
  request.timeout = std::chrono::seconds(3);
  TRY(response, host.http.send(request));
  return response.status != 0;
}

Condition caddy_runs_ours() {
  Condition condition;
  condition.what = std::string("Caddy answers on port 80 from ") + paths::kCaddyfile;
  condition.ready = runs_ours;
  condition.timeout = std::chrono::seconds(10);
  condition.hint =
      "look at `systemctl cat caddy` (another drop-in may set ExecStart) and `journalctl -u caddy`";
  return condition;
}

Result<Changes> caddy_changes(Host& host, const NodeSpec& spec, const NodeSources& sources) {
  TRY(operator_file, operator_caddyfile(host));
  TRY(issuers, wanted_issuers(host, spec));
  TRY(caddyfile, render_caddyfile(host.files, sources.share, spec, issuers, operator_file));
  TRY(drop_in, host.files.read(sources.share + "/templates/caddy/caddy.service.conf"));
  const FileOwnership readable{0644, "root", "root"};
  const FileOwnership folder{0755, "root", "root"};
  Changes changes;
  changes.push_back(directory(kCaddySites, folder));
  if (!spec.acme_ca_root.empty()) {
    TRY(pem, acme_root(host.files, spec));
    changes.push_back(
        file({kCaddyAcmeRoot, pem, readable, {std::string(paths::kCaddyUnit) + ":reload"}}));
  }
  changes.push_back(caddyfile_change(
      {std::move(caddyfile), operator_file, issuers == CaddyIssuers::both ? spec.domain : ""}));
  changes.push_back(directory(kDropInFolder, folder));
  changes.push_back(file({kDropIn, drop_in, readable, {paths::kCaddyUnit}}));
  changes.push_back(unit({paths::kCaddyUnit, UnitSpec::Enable::yes}));
  changes.push_back(wait_until(caddy_runs_ours()));
  return changes;
}

}  // namespace

Step caddy_step(const NodeSpec& spec, const NodeSources& sources) {
  Step step = {"caddy", "Caddy (TLS)", {}, [spec, sources](Host& host) {
                 return caddy_changes(host, spec, sources);
               }};
  step.retires = [](std::string_view kind, std::string_view target) {
    return kind == "file" && target == kCaddyAcmeRoot;
  };
  return step;
}

DefaultTls default_tls_mode(Host& host, const std::string& domain,
                            const mesh::IpAddress& public_address) {
  const auto output = host.commands.run(Command({"getent", "-s", "hosts:dns", "ahosts", domain}));
  const std::string text = output.ok() ? output->out : std::string();
  std::string first;
  for (std::size_t at = 0; at < text.size(); at = std::min(text.find('\n', at), text.size()) + 1) {
    const auto address = mesh::IpAddress::parse(
        std::string_view(text).substr(at, text.find_first_of(" \t\n", at) - at));
    if (address.ok() && *address == public_address) {
      return {TlsMode::acme, domain + " resolves to " + public_address.to_string()};
    }
    if (address.ok() && first.empty()) {
      first = address->to_string();
    }
  }
  if (first.empty()) {
    return {TlsMode::internal, domain + " does not resolve"};
  }
  return {TlsMode::internal, domain + " resolves to " + first + ", not to " +
                                 public_address.to_string() + " of this host"};
}

}  // namespace orama::installers
