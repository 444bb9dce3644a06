// Caddy's configuration for a node, as text: from templates and the NodeSpec alone. What an
// operator typed passes the Caddyfile escape. Which issuers serve the node's domain depends on
// whether a public certificate is there (caddy_certificates.h), so that `orama install` and the
// agent write the same bytes.
#pragma once

#include <string>

#include "common/result.h"
#include "installers/host/files.h"
#include "installers/node_spec.h"

namespace orama::installers {

inline constexpr const char* kCaddySites = "/etc/orama/caddy/sites";
inline constexpr const char* kCaddyAcmeRoot = "/etc/orama/caddy/acme-root.pem";
inline constexpr const char* kCaddyOperatorFile = "/etc/caddy/Caddyfile";

enum class CaddyIssuers {
  internal,  // --tls internal
  both,      // ACME until the first public certificate, the internal one serving meanwhile
  acme,  // from then on: with both, a renewal while ACME is down would go back to the internal one
};

// The operator's own Caddyfile is imported at the end, or there is none.
enum class OperatorFile { none, imported };

// Content of the Caddyfile, without the generated line. `share` holds templates/caddy.
Result<std::string> render_caddyfile(Files& files, const std::string& share, const NodeSpec& spec,
                                     CaddyIssuers issuers, OperatorFile operator_file);

}  // namespace orama::installers
