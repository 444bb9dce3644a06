// The caddy step: Debian's Caddy runs orama's Caddyfile by a drop-in; Debian's own files stay as
// they are. HTTPS for the node's domain and its bare address; port 80 answers ACME, /health and
// joining nodes and sends the rest to https. The Caddyfile is read by Caddy itself before it is
// written.
#pragma once

#include <string>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/step.h"
#include "installers/steps/node_sources.h"

namespace orama::installers {

Step caddy_step(const NodeSpec& spec, const NodeSources& sources);
ChangeKind caddyfile_kind();

// What --tls is when it is not given, and why, for people.
struct DefaultTls {
  TlsMode mode = TlsMode::internal;
  std::string reason;  // "node1.example.com resolves to 203.0.113.11"
};
// ACME where DNS (not /etc/hosts, where hosts often name themselves) has `public_address` for the
// domain.
DefaultTls default_tls_mode(Host& host, const std::string& domain,
                            const mesh::IpAddress& public_address);

}  // namespace orama::installers
