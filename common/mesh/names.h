// Names that travel: ids, node and cluster names, domains, keys. Each is checked once, on entry.
#pragma once

#include <string>
#include <string_view>

#include "common/result.h"

namespace orama::mesh {

// [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])? (join.md, Exchange)
Result<std::string> parse_node_name(std::string_view text);

// Of a node or a cluster: 1 to 64 of A-Z, a-z, 0-9, _ and -.
Result<std::string> parse_id(std::string_view text);

// "nameserver" or "relay".
Result<std::string> parse_role(std::string_view text);

// A host name of RFC 1123 labels, at least two, at most 253 bytes; lower-cased, one trailing dot
// dropped. Its last label is not a number, so no dotted quad passes for one.
Result<std::string> parse_domain(std::string_view text);

// What is left of a domain without its first label ("node1.example.com" -> "example.com"); the
// domain itself when that would be a single label.
std::string parent_domain(std::string_view domain);

// 32 bytes of X25519 public key from base64; the zero key and low-order points are refused, and so
// is every second spelling of a point (RFC 7748 ignores the top bit), as keys are compared as
// bytes.
Result<std::string> parse_wireguard_key(std::string_view base64);

// 32 bytes of Ed25519 public key from base64: a canonical point of the main subgroup.
Result<std::string> parse_node_key(std::string_view base64);

}  // namespace orama::mesh
