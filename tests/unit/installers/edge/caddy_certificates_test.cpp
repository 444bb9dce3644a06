#include "installers/steps/caddy_certificates.h"

#include <chrono>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "common/clock.h"
#include "common/result.h"
#include "installers/node_spec.h"
#include "installers/steps/caddy_config.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/edge/certificates.h"
#include "tests/unit/installers/edge/sample_node.h"

namespace orama::tests {
namespace {

using installers::CaddyIssuers;
using installers::CertificateState;
using installers::NodeSpec;
using installers::TlsMode;

const std::string kStorage = "/var/lib/caddy/.local/share/caddy/certificates/";
const std::string kInternal = kStorage + "local/node1.example.com/node1.example.com.crt";
const std::string kPebble =
    kStorage + "acme.test-14000-dir/node1.example.com/node1.example.com.crt";

NodeSpec acme_node() {
  NodeSpec spec = sample_node();
  spec.tls = TlsMode::acme;
  spec.acme_ca = "https://acme.test:14000/dir";
  return spec;
}

CertificateState state_of(FakeHost& host, const NodeSpec& spec) {
  const auto state = installers::certificate_state(host.host, spec);
  REQUIRE(state.ok());
  return *state;
}

TEST_CASE("a certificate's issuer and dates") {
  const auto certificate = installers::parse_certificate(kPublicCertificate);
  REQUIRE(certificate.ok());
  CHECK(certificate->issuer == "CN=Pebble Intermediate CA 1");
  CHECK(format_rfc3339(certificate->not_before) == "2026-11-01T00:00:00.000Z");
  CHECK(format_rfc3339(certificate->not_after) == "2027-01-30T00:00:00.000Z");
  const std::string chain = std::string(kPublicCertificate) + kInternalCertificate;
  CHECK(installers::parse_certificate(chain)->issuer == "CN=Pebble Intermediate CA 1");
  for (const std::string_view text :
       {"", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n"}) {
    CAPTURE(text);
    CHECK_FALSE(installers::parse_certificate(text).ok());
  }
}

TEST_CASE("the folder in which Caddy keeps an authority's certificates") {
  struct Row {
    const char* directory;
    const char* folder;
  };
  const Row rows[] = {
      {"https://acme.test:14000/dir", "acme.test-14000-dir"},
      {"https://acme-v02.api.letsencrypt.org/directory", "acme-v02.api.letsencrypt.org-directory"},
      {"https://acme.zerossl.com/v2/DV90", "acme.zerossl.com-v2-dv90"},
      {"https://ca.internal/acme/acme/directory?x=/../../etc", "ca.internal-acme-acme-directory"},
      {"https://ca.internal/", "ca.internal"},
      {"../../etc", "--etc"},
  };
  for (const Row& row : rows) {
    CHECK(installers::caddy_issuer_folder(row.directory) == row.folder);
  }
}

TEST_CASE("which issuers serve: both until the public certificate, then ACME alone") {
  FakeHost host;
  const NodeSpec spec = acme_node();
  CHECK(*installers::wanted_issuers(host.host, sample_node()) == CaddyIssuers::internal);
  CHECK(*installers::wanted_issuers(host.host, spec) == CaddyIssuers::both);
  host.files.put(kInternal, kInternalCertificate);
  CHECK(*installers::wanted_issuers(host.host, spec) == CaddyIssuers::both);
  host.files.put(kPebble, kPublicCertificate);
  CHECK(*installers::wanted_issuers(host.host, spec) == CaddyIssuers::acme);
}

TEST_CASE("another authority's certificate does not count, nor an expired one") {
  FakeHost host;
  NodeSpec spec = acme_node();
  host.files.put(kPebble, kPublicCertificate);
  spec.acme_ca = "";  // Let's Encrypt
  CHECK(*installers::wanted_issuers(host.host, spec) == CaddyIssuers::both);
  spec = acme_node();
  host.clock.sleep_for(std::chrono::hours(24) * 90);
  CHECK(*installers::wanted_issuers(host.host, spec) == CaddyIssuers::both);
}

TEST_CASE("a broken file in the storage is an error that names it") {
  FakeHost host;
  host.files.put(kPebble, "not a certificate");
  const auto issuers = installers::wanted_issuers(host.host, acme_node());
  REQUIRE_FALSE(issuers.ok());
  CHECK(issuers.error().full_message().find(kPebble) != std::string::npos);
}

TEST_CASE("status: which certificate serves and when Caddy tries next") {
  FakeHost host;
  const NodeSpec spec = acme_node();
  CHECK(state_of(host, spec).serving == CertificateState::Serving::none);

  host.files.put(kInternal, kInternalCertificate);
  CertificateState state = state_of(host, spec);
  CHECK(state.serving == CertificateState::Serving::internal);
  CHECK(state.issuer == "CN=Caddy Local Authority - ECC Intermediate");
  REQUIRE(state.next_try.has_value());
  CHECK(format_rfc3339(*state.next_try) == "2026-11-24T12:10:00.000Z");

  host.files.put(kPebble, kPublicCertificate);
  state = state_of(host, spec);
  CHECK(state.serving == CertificateState::Serving::acme);
  CHECK(format_rfc3339(*state.next_try) == "2026-12-31T00:00:00.000Z");
  CHECK(state_of(host, sample_node()).serving == CertificateState::Serving::internal);
}

TEST_CASE(
    "an internal certificate of an earlier --tls internal does not keep the public one away") {
  FakeHost host;
  const std::string folder = kStorage + "local/node1.example.com/node1.example.com";
  host.files.put(folder + ".key", "key");
  host.files.put(folder + ".crt", kInternalCertificate);  // 30 minutes: a stand-in's
  REQUIRE(installers::drop_long_stand_in(host.host, "node1.example.com").ok());
  CHECK(host.files.exists(folder + ".crt"));
  host.files.put(folder + ".crt", kPublicCertificate);  // 90 days
  REQUIRE(installers::drop_long_stand_in(host.host, "node1.example.com").ok());
  CHECK_FALSE(host.files.exists(folder + ".crt"));
  CHECK_FALSE(host.files.exists(folder + ".key"));
}

}  // namespace
}  // namespace orama::tests
