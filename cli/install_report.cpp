#include "cli/install_report.h"

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/install_spec.h"
#include "cli/output.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/plan.h"
#include "installers/preflight/preflight.h"

namespace orama::cli {
namespace {

using installers::CheckEffect;
using installers::CheckState;
using installers::Finding;
using installers::NodeSpec;
using installers::PlannedChange;
using installers::TlsMode;
using nlohmann::json;
namespace paths = installers::paths;

Style style_of(const Finding& finding) {
  switch (finding.state) {
    case CheckState::ok:
      return Style::good;
    case CheckState::fail:
      return finding.effect == CheckEffect::stop ? Style::bad : Style::warning;
    case CheckState::unknown:
      return Style::faint;
  }
  return Style::plain;
}

std::string word_of(const Finding& finding) {
  if (finding.state == CheckState::fail && finding.effect == CheckEffect::warn) {
    return "warn";
  }
  return std::string(to_string(finding.state));
}

// Every line of a text behind the same margin.
std::string indented(std::string_view text, std::string_view margin) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    out.append(margin).append(text.substr(at, end - at)).append("\n");
    at = end == std::string_view::npos ? text.size() : end + 1;
  }
  return out;
}

const std::vector<std::string>& saved_paths() {
  static const std::vector<std::string> list = {paths::kSecrets, paths::kNodeJson};
  return list;
}

}  // namespace

std::string preflight_text(const Output& output, const std::vector<Finding>& findings) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(findings.size());
  std::string fixes;
  for (const Finding& finding : findings) {
    rows.push_back({"  " + output.paint(style_of(finding), word_of(finding)), finding.check,
                    finding.observed});
    if (finding.state == CheckState::fail) {
      fixes += "\n" + output.paint(style_of(finding), finding.check) + ": found " +
               finding.observed + ", wanted " + finding.wanted + "\n";
      fixes += finding.fix.empty() ? "" : "  fix: " + finding.fix + "\n";
    }
  }
  return format_table(rows) + fixes;
}

json preflight_json(const std::vector<Finding>& findings) {
  json list = json::array();
  for (const Finding& finding : findings) {
    list.push_back({{"check", finding.check},
                    {"state", to_string(finding.state)},
                    {"effect", to_string(finding.effect)},
                    {"observed", finding.observed},
                    {"wanted", finding.wanted},
                    {"fix", finding.fix}});
  }
  return list;
}

std::string plan_text(const Output& output, const std::vector<PlannedChange>& changes,
                      PlanDetail detail) {
  std::string text;
  std::string step;
  for (const PlannedChange& change : changes) {
    if (change.step != step) {
      step = change.step;
      text += output.paint(Style::strong, step) + "\n";
    }
    const std::string_view description = change.description;
    text += indented(
        detail == PlanDetail::diffs ? description : description.substr(0, description.find('\n')),
        "  ");
    if (!change.problem.empty()) {
      text += indented(output.paint(Style::bad, "would stop here: " + change.problem), "    ");
    }
  }
  return text;
}

json plan_json(const std::vector<PlannedChange>& changes) {
  json list = json::array();
  for (const PlannedChange& change : changes) {
    list.push_back({{"step", change.step},
                    {"kind", change.kind},
                    {"target", change.target},
                    {"description", change.description},
                    {"problem", change.problem}});
  }
  return list;
}

std::string differences_text(const std::vector<SpecDecision::Difference>& differences) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(differences.size());
  for (const auto& difference : differences) {
    rows.push_back({"  " + difference.field, difference.before + " -> " + difference.after});
  }
  return "Different from the last install:\n" + format_table(rows);
}

std::vector<DnsRecord> dns_records(const NodeSpec& spec) {
  const std::string type = spec.public_address.is_v4() ? "A" : "AAAA";
  return {{spec.domain + ".", type, spec.public_address.to_string()}};
}

std::string closing_text(const NodeSpec& spec) {
  const std::vector<DnsRecord> records = dns_records(spec);
  std::vector<std::vector<std::string>> rows;
  rows.reserve(records.size());
  for (const DnsRecord& record : records) {
    rows.push_back({"  " + record.name, record.type, record.value});
  }
  std::string text = "\nDNS records to create:\n" + format_table(rows);
  text += "\nSave these off this host; without them the cluster cannot be restored:\n";
  for (const std::string& path : saved_paths()) {
    text += "  " + path + "\n";
  }
  if (spec.nameserver) {
    text +=
        "\nNameserver: port 53 is open and the role is recorded. The DNS server itself comes in a "
        "later\n"
        "release: delegate no domain to this host yet.\n";
  }
  if (spec.tls == TlsMode::internal) {
    text +=
        "\nTLS: certificates come from this host's own CA. Clients must trust its root,\n"
        "  /var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt\n"
        "For public certificates: sudo orama install --tls acme\n";
  }
  if (spec.tls == TlsMode::acme) {
    text +=
        "\nTLS: until the first public certificate has come, this host's own CA serves;\n"
        "`sudo orama status` says which, and when the next try is.\n";
  }
  return text + "\nNext: orama status\n";
}

json closing_json(const NodeSpec& spec) {
  json records = json::array();
  for (const DnsRecord& record : dns_records(spec)) {
    records.push_back({{"name", record.name}, {"type", record.type}, {"value", record.value}});
  }
  return {{"dns_records", records},
          {"save", saved_paths()},
          {"dns_server", spec.nameserver ? "later_release" : "not_asked"},
          {"next", "orama status"}};
}

}  // namespace orama::cli
