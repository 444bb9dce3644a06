// version: this program; with --all what the packages carry, module by module.
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "common/build_info.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/paths.h"

namespace orama::cli {
namespace {

using nlohmann::json;

const std::string kComponents = std::string(installers::paths::kShare) + "/components.json";

Result<json> read_components(Session& session) {
  Result<std::string> text = session.host.files.read(kComponents);
  if (!text.ok()) {
    if (text.error().code == Errc::not_found) {
      return make_error(Errc::not_found, "the list of components is not there: " + kComponents,
                        "sudo apt install ./orama-components_*.deb");
    }
    return std::move(text).error();
  }
  json components = json::parse(*text, nullptr, false);
  if (!components.is_object() || !components.contains("programs") ||
      !components["programs"].is_object() || !components.contains("modules") ||
      !components["modules"].is_array()) {
    return make_error(Errc::failed, kComponents + " is no list of components",
                      "sudo apt install --reinstall ./orama-components_*.deb");
  }
  return components;
}

// Text of a file that a package brought; a member that is absent or of another kind reads as "".
std::string components_text(const json& components) {
  std::string text = "\nEngines (built with " + text_of(components, "toolchain") + "):\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, program] : components["programs"].items()) {
    rows.push_back({"  " + name, "sha256:" + text_of(program, "sha256")});
  }
  text += format_table(rows) + "\nModules in them:\n";
  rows.clear();
  for (const json& module : components["modules"]) {
    rows.push_back({"  " + text_of(module, "module"), text_of(module, "version"),
                    text_of(module, "checksum"), text_of(module, "edited")});
  }
  return text + format_table(rows) + "\nLicence texts: " + installers::paths::kShare +
         "/licenses and /usr/share/doc/orama/copyright\n";
}

}  // namespace

Result<Report> run_version(Session& session, const Arguments& arguments) {
  const BuildInfo build = build_info();
  Report report;
  report.data = {
      {"version", build.version}, {"commit", build.commit}, {"build_time", build.build_time}};
  report.text = "orama " + std::string(build.version) + " (commit " + std::string(build.commit) +
                ", " + std::string(build.build_time) + ")\n";
  if (arguments.has("--all")) {
    TRY(components, read_components(session));
    report.text += components_text(components);
    report.data["components"] = std::move(components);
  }
  return report;
}

}  // namespace orama::cli
