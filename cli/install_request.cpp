#include "cli/install_request.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/join_url.h"
#include "common/clock.h"
#include "common/mesh/ip_address.h"
#include "common/mesh/names.h"
#include "common/result.h"
#include "installers/node_spec.h"
#include "installers/preflight/preflight.h"

namespace orama::cli {
namespace {

using installers::TlsMode;

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

Error expected(std::string_view found, std::string_view wanted) {
  return make_error(Errc::invalid_argument,
                    "found `" + std::string(found) + "`, expected " + std::string(wanted));
}

Result<mesh::IpAddress> parse_public_address(const std::string& text) {
  Result<mesh::IpAddress> address = mesh::IpAddress::parse(text);
  if (!address.ok() || address->is_loopback() || address->is_unspecified() ||
      address->is_multicast() || address->is_link_local()) {
    return expected(text, "this host's public IPv4 or IPv6 address, or `auto`");
  }
  return address;
}

Result<std::string> parse_email(const std::string& text) {
  const std::size_t at = text.find('@');
  const std::string_view local = std::string_view(text).substr(0, at);
  const bool plain = !local.empty() && std::all_of(local.begin(), local.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("._%+-").find(c) != std::string_view::npos;
  });
  if (at == std::string::npos || !plain || !mesh::parse_domain(text.substr(at + 1)).ok()) {
    return expected(text, "a mail address such as admin@example.com");
  }
  return text;
}

Result<std::string> parse_directory_url(const std::string& text) {
  constexpr std::string_view kScheme = "https://";
  const std::string_view rest =
      std::string_view(text).substr(std::min(kScheme.size(), text.size()));
  if (!text.starts_with(kScheme) || rest.empty() || rest.front() == '/' || !printable(rest) ||
      rest.find_first_of("\"'`\\{}<>@") != std::string_view::npos) {
    return expected(text, "the https:// URL of an ACME directory");
  }
  return text;
}

// Made absolute here, because the file is read by steps that know no working folder.
Result<std::string> parse_root_file(const std::string& text) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(text, error);
  if (error || text.empty() ||
      std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; })) {
    return expected(text, "the path of a PEM file");
  }
  return path.lexically_normal().string();
}

Result<std::chrono::milliseconds> parse_timeout(const std::string& text) {
  constexpr std::chrono::seconds kLeast{1}, kMost{3600};
  const auto duration = parse_duration(text);
  if (!duration.ok() || *duration < kLeast || *duration > kMost) {
    return expected(text, "a duration from 1s to 1h, such as 60s");
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(*duration);
}

Result<TlsMode> parse_tls(const std::string& text) {
  if (text == "internal") {
    return TlsMode::internal;
  }
  if (text == "acme") {
    return TlsMode::acme;
  }
  return expected(text, "`internal` or `acme`");
}

// Reads values and keeps what is wrong with them.
class Reader {
 public:
  explicit Reader(const Arguments& arguments) : arguments_(arguments) {}

  template <class T, class Parse>
  void read(std::string_view flag, std::optional<T>& out, Parse parse) {
    const std::optional<std::string> text = arguments_.text(flag);
    if (!text) {
      return;
    }
    Result<T> value = parse(*text);
    if (value.ok()) {
      out = std::move(value).value();
    } else {
      problem(flag, value.error().message);
    }
  }

  void problem(std::string_view flag, const std::string& message) {
    problems_.push_back(std::string(flag) + ": " + message);
  }

  Result<void> finish() const {
    if (problems_.empty()) {
      return {};
    }
    std::string message = problems_.front();
    for (std::size_t i = 1; i < problems_.size(); ++i) {
      message += "\n  " + problems_[i];
    }
    if (problems_.size() > 1) {
      message.insert(0, std::to_string(problems_.size()) + " problems:\n  ");
    }
    return make_error(Errc::invalid_argument, message, "see `orama install --help`");
  }

 private:
  const Arguments& arguments_;
  std::vector<std::string> problems_;
};

void read_address(const Arguments& arguments, Reader& reader, InstallRequest& request) {
  if (arguments.text("--vps-ip") == "auto") {
    request.detect_address = true;
  } else {
    reader.read("--vps-ip", request.public_address, parse_public_address);
  }
}

// A host that was meant to join must not found a cluster of its own, nor the other way round.
void check_join(const Arguments& arguments, EnvironmentToken environment, Reader& reader) {
  const bool join = arguments.has("--join");
  if (join && !arguments.has("--token") && environment == EnvironmentToken::absent) {
    reader.problem("--join", "needs --token: the invitation that `orama invite` printed");
  }
  for (const char* flag : {"--token", "--timeout"}) {
    if (!join && arguments.has(flag)) {
      reader.problem(flag, "needs --join: the URL of a node of the cluster to join");
    }
  }
  for (const char* flag : {"--base-domain", "--mesh-cidr"}) {
    if (join && arguments.has(flag)) {
      reader.problem(flag, "contradicts --join: the cluster has its own");
    }
  }
}

void check_together(const Arguments& arguments, const InstallRequest& request, Reader& reader) {
  if (arguments.has("--nameserver") && arguments.has("--no-nameserver")) {
    reader.problem("--no-nameserver", "contradicts --nameserver");
  }
  if (request.public_address && request.mesh_cidr &&
      request.mesh_cidr->contains(*request.public_address)) {
    reader.problem("--mesh-cidr", "the range " + request.mesh_cidr->to_string() +
                                      " holds the public address " +
                                      request.public_address->to_string());
  }
  if (request.tls == TlsMode::internal) {
    for (const auto& [flag, value] : {std::pair{"--acme-ca", request.acme_ca},
                                      std::pair{"--acme-ca-root", request.acme_ca_root}}) {
      if (value) {
        reader.problem(flag, "means nothing with `--tls internal`");
      }
    }
  }
  if (request.acme_ca_root && !request.acme_ca) {
    reader.problem("--acme-ca-root", "needs --acme-ca: it names the root of that server");
  }
}

}  // namespace

Result<InstallRequest> parse_install_request(const Arguments& arguments,
                                             EnvironmentToken environment) {
  InstallRequest request;
  Reader reader(arguments);
  read_address(arguments, reader, request);
  reader.read("--domain", request.domain, mesh::parse_domain);
  reader.read("--base-domain", request.base_domain, mesh::parse_domain);
  reader.read("--name", request.name, mesh::parse_node_name);
  reader.read("--mesh-cidr", request.mesh_cidr,
              [](const std::string& text) { return mesh::Cidr::parse_mesh(text); });
  reader.read("--email", request.email, parse_email);
  reader.read("--tls", request.tls, parse_tls);
  reader.read("--acme-ca", request.acme_ca, parse_directory_url);
  reader.read("--acme-ca-root", request.acme_ca_root, parse_root_file);
  reader.read("--join", request.join, parse_join_url);
  request.token = arguments.text("--token");
  std::optional<std::chrono::milliseconds> timeout;
  reader.read("--timeout", timeout, parse_timeout);
  request.timeout = timeout.value_or(request.timeout);
  if (arguments.has("--nameserver") || arguments.has("--no-nameserver")) {
    request.nameserver = arguments.has("--nameserver");
  }
  request.skip_firewall = arguments.has("--skip-firewall");
  request.plan_only = arguments.has("--plan");
  for (const std::string& check : arguments.all("--skip")) {
    request.skip_checks.insert(check);
  }
  if (const Result<void> known = installers::check_skips(request.skip_checks); !known.ok()) {
    reader.problem("--skip", known.error().message);
  }
  check_join(arguments, environment, reader);
  check_together(arguments, request, reader);
  TRY_VOID(reader.finish());
  return request;
}

}  // namespace orama::cli
