#include "installers/steps/caddy_operator.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/result.h"
#include "installers/host/command_runner.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/steps/caddy_config.h"

namespace orama::installers {
namespace {

Error does_not_fit(const std::string& reason) {
  return make_error(Errc::conflict,
                    std::string(kCaddyOperatorFile) +
                        " has sites of your own that cannot be imported into "
                        "orama's configuration: " +
                        reason,
                    std::string("move them to ") + kCaddySites +
                        "/NAME.caddy in a form that fits, or put "
                        "the package's file back");
}

}  // namespace

std::string packaged_caddyfile_md5(std::string_view conffiles) {
  // " /etc/caddy/Caddyfile 8cbf072a3e390217a88c242a7f18ee76"
  const std::size_t at = conffiles.find(kCaddyOperatorFile);
  if (at == std::string_view::npos) {
    return {};
  }
  std::string_view rest = conffiles.substr(at + std::string_view(kCaddyOperatorFile).size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return std::string(rest.substr(0, rest.find_first_of(" \n")));
}

Result<OperatorFile> operator_caddyfile(Host& host) {
  TRY(status, host.files.status(kCaddyOperatorFile));
  if (!status) {
    return OperatorFile::none;
  }
  TRY(conffiles, host.commands.run(Command({"dpkg-query", "-W", "-f=${Conffiles}\n", "caddy"})));
  if (!conffiles.ok()) {
    return make_error(Errc::not_found, "the package caddy is not installed", "apt install caddy");
  }
  TRY(sum, run_checked(host.commands, Command({"md5sum", "--", kCaddyOperatorFile})));
  const std::string packaged = packaged_caddyfile_md5(conffiles.out);
  const bool as_packaged = !packaged.empty() && sum.starts_with(packaged + " ");
  return as_packaged ? OperatorFile::none : OperatorFile::imported;
}

Result<void> check_operator_caddyfile(Host& host, const std::string& caddyfile) {
  Command together({"caddy", "adapt", "--adapter", "caddyfile", "--config", "/dev/stdin"});
  together.input = caddyfile;
  TRY(imported, host.commands.run(together));
  if (!imported.ok()) {
    return does_not_fit(caddy_reason(imported.err));
  }
  TRY(alone, host.commands.run(Command(
                 {"caddy", "adapt", "--adapter", "caddyfile", "--config", kCaddyOperatorFile})));
  if (!alone.ok()) {
    return does_not_fit(caddy_reason(alone.err));
  }
  if (answers_all_on_port_80(alone.out)) {
    return does_not_fit(
        "it has a site for every name on port 80, where orama answers ACME, /health and joining "
        "nodes");
  }
  return {};
}

bool answers_all_on_port_80(std::string_view adapted_json) {
  const nlohmann::json json = parse_json(adapted_json).value_or(nullptr);
  const nlohmann::json::json_pointer servers("/apps/http/servers");
  if (!json.is_object() || !json.contains(servers) || !json[servers].is_object()) {
    return false;
  }
  for (const auto& [name, server] : json[servers].items()) {
    const auto listen = server.find("listen");
    const auto routes = server.find("routes");
    if (listen == server.end() || routes == server.end() ||
        std::find(listen->begin(), listen->end(), ":80") == listen->end()) {
      continue;
    }
    if (std::any_of(routes->begin(), routes->end(),
                    [](const nlohmann::json& route) { return !route.contains("match"); })) {
      return true;
    }
  }
  return false;
}

std::string caddy_reason(std::string_view output) {
  constexpr std::string_view kError = "Error: ";
  const std::size_t at = output.rfind(kError);
  std::string_view reason =
      at == std::string_view::npos ? output : output.substr(at + kError.size());
  while (!reason.empty() && (reason.back() == '\n' || reason.back() == ' ')) {
    reason.remove_suffix(1);
  }
  const std::size_t line = reason.rfind('\n');
  return std::string(line == std::string_view::npos ? reason : reason.substr(line + 1));
}

}  // namespace orama::installers
