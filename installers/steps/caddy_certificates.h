// What Caddy's storage holds for the node's domain: which certificates there are, until when, by
// whom. Only looks. The folders are caddy's, 0700: the reader needs root or CAP_DAC_READ_SEARCH.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/result.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/steps/caddy_config.h"

namespace orama::installers {

struct Certificate {
  std::string issuer;  // "CN=Caddy Local Authority - ECC Intermediate"
  WallTime not_before, not_after;
};

// The first certificate of a PEM text.
Result<Certificate> parse_certificate(std::string_view pem);

// The folder under certificates/ that Caddy keeps what this ACME directory issued in:
// "https://acme.test:14000/dir" -> "acme.test-14000-dir" (certmagic 0.17: ACMEIssuer.issuerKey,
// KeyBuilder.Safe).
std::string caddy_issuer_folder(std::string_view acme_directory);

// Valid now, issued by the spec's ACME authority. Nothing in TlsMode::internal.
Result<std::optional<Certificate>> public_certificate(Host& host, const NodeSpec& spec);

// What the Caddyfile has to say now.
Result<CaddyIssuers> wanted_issuers(Host& host, const NodeSpec& spec);

// Removes an internal certificate of the domain that lives longer than a stand-in's 30 minutes.
Result<void> drop_long_stand_in(Host& host, const std::string& domain);

struct CertificateState {
  enum class Serving { none, internal, acme } serving = Serving::none;
  std::string issuer;
  WallTime not_before, not_after;
  // When Caddy renews, at a third of the lifetime left: with an internal certificate in
  // TlsMode::acme, the next try at the public authority. Within a minute of it.
  std::optional<WallTime> next_try;
};
// For status. Needs root.
Result<CertificateState> certificate_state(Host& host, const NodeSpec& spec);

}  // namespace orama::installers
