#include "cli/join_url.h"

#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

#include "common/mesh/ip_address.h"
#include "common/mesh/names.h"
#include "common/result.h"

namespace orama::cli {
namespace {

Error wrong(std::string_view text) {
  // Foreign words are quoted only where nothing secret can stand in them.
  const bool quotable = text.size() <= 300 && text.find('@') == std::string_view::npos;
  return make_error(Errc::invalid_argument,
                    (quotable ? "found `" + std::string(text) + "`, " : std::string()) +
                        "expected the URL of a node of the cluster, such as "
                        "https://node1.example.com or http://203.0.113.11");
}

bool is_port(std::string_view text) {
  constexpr int kMaxPort = 65535;
  int port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failure == std::errc{} && end == text.data() + text.size() && port >= 1 &&
         port <= kMaxPort;
}

// The host of a URL in its plain form, or "".
std::string plain_host(std::string_view text) {
  if (text.starts_with('[')) {
    const auto address = mesh::IpAddress::parse(text.substr(1, text.size() - 2));
    return text.ends_with(']') && address.ok() && address->is_v6() ? address->for_url() : "";
  }
  if (const auto address = mesh::IpAddress::parse(text); address.ok()) {
    return address->is_v4() ? address->to_string() : "";
  }
  const auto domain = mesh::parse_domain(text);
  if (domain.ok()) {
    return *domain;
  }
  const auto label = mesh::parse_node_name(text);  // a name of the local network
  return label.ok() ? *label : "";
}

}  // namespace

Result<std::string> parse_join_url(std::string_view text) {
  std::string_view rest = text;
  std::string scheme;
  for (const std::string_view known : {"https://", "http://"}) {
    if (text.starts_with(known)) {
      scheme = known;
      rest.remove_prefix(known.size());
      break;
    }
  }
  if (rest.ends_with('/')) {
    rest.remove_suffix(1);
  }
  if (scheme.empty() || rest.empty()) {
    return wrong(text);
  }
  const std::size_t bracket = rest.rfind(']');
  const std::size_t colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string port;
  if (colon != std::string_view::npos) {
    port = rest.substr(colon);
    rest = rest.substr(0, colon);
    if (!is_port(std::string_view(port).substr(1))) {
      return wrong(text);
    }
  }
  const std::string host = plain_host(rest);
  if (host.empty()) {
    return wrong(text);
  }
  return scheme + host + port;
}

}  // namespace orama::cli
