#include "installers/steps/caddy_config.h"

#include <string>

#include <doctest/doctest.h>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/node_spec.h"
#include "tests/support/fake_host.h"
#include "tests/support/source_file.h"
#include "tests/unit/installers/edge/sample_node.h"

namespace orama::tests {
namespace {

using installers::CaddyIssuers;
using installers::NodeSpec;
using installers::OperatorFile;
using installers::render_caddyfile;
using installers::TlsMode;

Result<std::string> render(const NodeSpec& spec, CaddyIssuers issuers,
                           OperatorFile operator_file = OperatorFile::none) {
  FakeHost host;
  add_caddy_templates(host.files);
  return render_caddyfile(host.files, kShare, spec, issuers, operator_file);
}

std::string rendered(const NodeSpec& spec, CaddyIssuers issuers,
                     OperatorFile operator_file = OperatorFile::none) {
  const auto text = render(spec, issuers, operator_file);
  REQUIRE(text.ok());
  return *text;
}

NodeSpec acme_node() {
  NodeSpec spec = sample_node();
  spec.tls = TlsMode::acme;
  spec.email = "ops@example.com";
  spec.acme_ca = "https://acme.test:14000/dir";
  spec.acme_ca_root = "/root/pebble.pem";
  return spec;
}

TEST_CASE("the Caddyfile of a node, whole") {
  CHECK(rendered(sample_node(), CaddyIssuers::internal) ==
        source_file("tests/golden/caddy/internal.caddyfile"));
  CHECK(rendered(acme_node(), CaddyIssuers::both) ==
        source_file("tests/golden/caddy/both.caddyfile"));
  CHECK(rendered(acme_node(), CaddyIssuers::acme) ==
        source_file("tests/golden/caddy/acme.caddyfile"));
}

TEST_CASE("an IPv6 node: a bracketed site, and the bare address where a name is wanted") {
  NodeSpec spec = sample_node();
  spec.public_address = *mesh::IpAddress::parse("2001:db8::11");
  const std::string text = rendered(spec, CaddyIssuers::internal);
  CHECK(text.find("\tdefault_sni 2001:db8::11\n") != std::string::npos);
  CHECK(text.find("\nhttps://[2001:db8::11] {\n") != std::string::npos);
}

TEST_CASE("without --acme-ca, --email and --acme-ca-root Caddy's own defaults stand") {
  NodeSpec spec = sample_node();
  spec.tls = TlsMode::acme;
  const std::string text = rendered(spec, CaddyIssuers::acme);
  CHECK(text.find("\t\tissuer acme {\n\t\t}\n") != std::string::npos);
}

TEST_CASE("the operator's own Caddyfile comes last") {
  const std::string text = rendered(sample_node(), CaddyIssuers::internal, OperatorFile::imported);
  CHECK(text.ends_with("\nimport /etc/caddy/Caddyfile\n"));
}

TEST_CASE("what an operator typed cannot break out of its token") {
  for (const std::string evil :
       {"a@b.c\n}\nevil.example {", "a@b.c }", "a@b.c {", "{$HOME}", "`x`", "a\tb", "x\r"}) {
    CAPTURE(evil);
    NodeSpec spec = acme_node();
    spec.email = evil;
    const auto text = render(spec, CaddyIssuers::acme);
    if (text.ok()) {  // carried as one quoted token on its own line
      CHECK(text->find("\t\t\temail `" + evil + "`\n") != std::string::npos);
      CHECK(evil.find('\n') == std::string::npos);
    } else {
      CHECK(text.error().full_message().find("--email") != std::string::npos);
    }
    spec = acme_node();
    spec.domain = evil;
    const auto by_domain = render(spec, CaddyIssuers::acme);
    if (by_domain.ok()) {
      CHECK(by_domain->find("\n`https://" + evil + "` {\n") != std::string::npos);
    }
  }
  NodeSpec spec = acme_node();
  spec.email = "a b";
  CHECK(rendered(spec, CaddyIssuers::acme).find("email `a b`\n") != std::string::npos);
}

}  // namespace
}  // namespace orama::tests
