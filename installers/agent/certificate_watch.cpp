#include "installers/agent/certificate_watch.h"

#include <chrono>
#include <optional>
#include <string>

#include "common/result.h"
#include "installers/agent/periodic_task.h"
#include "installers/generated_file.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/receipt.h"
#include "installers/steps/caddy_certificates.h"
#include "installers/steps/caddy_config.h"

namespace orama::installers {
namespace {

// Stands from before the file is written until Caddy has read it: a kill in between is made good.
constexpr const char* kReloadPending = "/var/lib/orama/agent/caddy-reload-pending";
const FileOwnership kReadable{0644, "root", "root"};

// The spec of an installed node whose domain ACME serves; else there is nothing to watch.
Result<std::optional<NodeSpec>> acme_spec(Host& host) {
  TRY(receipt, Receipt::load(host.files));
  if (!receipt || receipt->spec.is_null()) {
    return std::optional<NodeSpec>();
  }
  TRY(spec, NodeSpec::from_json(receipt->spec));
  return spec.tls == TlsMode::acme ? std::optional<NodeSpec>(spec) : std::optional<NodeSpec>();
}

Result<std::string> rendered(Host& host, const std::string& share, const NodeSpec& spec,
                             CaddyIssuers issuers, const std::string& present) {
  const bool imports =
      present.find(std::string("\nimport ") + kCaddyOperatorFile) != std::string::npos;
  TRY(text, render_caddyfile(host.files, share, spec, issuers,
                             imports ? OperatorFile::imported : OperatorFile::none));
  return with_generated_line(paths::kCaddyfile, text);
}

Result<void> reload(Host& host, const std::string& before) {
  const Result<void> reloaded = host.systemd.reload(paths::kCaddyUnit);
  if (!reloaded.ok()) {
    // Caddy serves on with what it had; a restart must find that too.
    TRY_VOID(host.files.write(paths::kCaddyfile, before, kReadable));
  }
  TRY_VOID(host.files.remove_file(kReloadPending));
  return reloaded;
}

Result<void> switch_issuers(Host& host, const std::string& before, const std::string& after) {
  TRY_VOID(host.files.write(kReloadPending, "", {0600, "root", "root"}));
  TRY_VOID(host.files.write(paths::kCaddyfile, after, kReadable));
  return reload(host, before);
}

}  // namespace

Result<void> watch_certificate(Host& host, const std::string& share) {
  TRY(spec, acme_spec(host));
  const Result<std::string> present = host.files.read(paths::kCaddyfile);
  if (!spec || (!present.ok() && present.error().code == Errc::not_found)) {
    return {};
  }
  TRY(before, present);
  TRY(issuers, wanted_issuers(host, *spec));
  TRY(wanted, rendered(host, share, *spec, issuers, before));
  const CaddyIssuers others =
      issuers == CaddyIssuers::acme ? CaddyIssuers::both : CaddyIssuers::acme;
  TRY(replaceable, rendered(host, share, *spec, others, before));
  if (before == replaceable) {
    return switch_issuers(host, before, wanted);
  }
  TRY(pending, host.files.status(kReloadPending));
  return pending && before == wanted ? reload(host, replaceable) : Result<void>();
}

PeriodicTask certificate_watch(Host& host, const std::string& share) {
  return {"certificate watch", [&host, share] { return watch_certificate(host, share); },
          std::chrono::minutes(1)};
}

}  // namespace orama::installers
