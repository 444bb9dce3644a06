#include "installers/steps/caddy_config.h"

#include <string>
#include <string_view>

#include "common/result.h"
#include "common/text_template.h"
#include "installers/host/files.h"
#include "installers/node_spec.h"

namespace orama::installers {
namespace {

Result<std::string> line(std::string_view text, const std::string& value) {
  return fill_template(text, {{"value", value}}, TemplateFormat::caddyfile);
}

// The `acme` issuer with what the operator gave; Caddy's own defaults for the rest.
Result<std::string> acme_issuer(const NodeSpec& spec) {
  std::string text = "\t\tissuer acme {\n";
  if (!spec.acme_ca.empty()) {
    TRY(directory, line("\t\t\tdir ${value}\n", spec.acme_ca).while_doing("--acme-ca"));
    text += directory;
  }
  if (!spec.email.empty()) {
    TRY(email, line("\t\t\temail ${value}\n", spec.email).while_doing("--email"));
    text += email;
  }
  if (!spec.acme_ca_root.empty()) {
    text += std::string("\t\t\ttrusted_roots ") + kCaddyAcmeRoot + "\n";
  }
  return text + "\t\t}\n";
}

Result<std::string> issuers_snippet(const NodeSpec& spec, CaddyIssuers issuers) {
  std::string text = "(orama_issuers) {\n\ttls {\n";
  if (issuers != CaddyIssuers::internal) {
    TRY(acme, acme_issuer(spec));
    text += acme;
  }
  switch (issuers) {
    case CaddyIssuers::internal:
      text += "\t\tissuer internal\n";
      break;
    case CaddyIssuers::both:
      text += "\t\tissuer internal {\n\t\t\tlifetime 30m\n\t\t}\n";
      break;
    case CaddyIssuers::acme:
      break;
  }
  return text + "\t}\n}\n";
}

Result<std::string> from_template(Files& files, const std::string& path, const NodeSpec& spec) {
  TRY(text, files.read(path));
  const TemplateValues values = {
      {"public_address", spec.public_address.to_string()},
      {"domain_site", "https://" + spec.domain},
      {"address_site", "https://" + spec.public_address.for_url()},
  };
  return fill_template(text, values, TemplateFormat::caddyfile).while_doing("filling " + path);
}

}  // namespace

Result<std::string> render_caddyfile(Files& files, const std::string& share, const NodeSpec& spec,
                                     CaddyIssuers issuers, OperatorFile operator_file) {
  const std::string folder = share + "/templates/caddy/";
  TRY(options, from_template(files, folder + "options.caddyfile", spec));
  TRY(snippet, issuers_snippet(spec, issuers));
  TRY(sites, from_template(files, folder + "sites.caddyfile", spec));
  std::string text = options + snippet + sites;
  if (operator_file == OperatorFile::imported) {
    text += std::string("\n# The operator's own sites.\nimport ") + kCaddyOperatorFile + "\n";
  }
  return text;
}

}  // namespace orama::installers
