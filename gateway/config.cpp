#include "gateway/config.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include "common/api/cluster.h"
#include "common/atomic_file.h"
#include "common/config_reader.h"
#include "common/link/client.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "common/mesh/names.h"
#include "common/result.h"
#include "gateway/backends/http_pool.h"
#include "gateway/config_engines.h"
#include "gateway/http/address_range.h"

namespace orama::gateway {
namespace {

using TextRule = ConfigReader::Rule<std::string>;
using ListRule = ConfigReader::Rule<std::vector<std::string>>;

constexpr std::int64_t kMaxThreads = 256;

// A rule's message completes "found X, expected …".
Error expected(std::string what) {
  return make_error(Errc::invalid_argument, std::move(what));
}

// Reads a text by `parse` into a typed value.
template <class T, class Parse>
TextRule into(T& out, Parse parse, const char* wanted) {
  return [&out, parse, wanted](const std::string& text) -> Result<void> {
    auto value = parse(text);
    if (!value.ok()) {
      return expected(wanted);
    }
    out = std::move(value).value();
    return {};
  };
}

template <class T, class Parse>
ListRule into_list(std::vector<T>& out, Parse parse, const char* wanted) {
  return [&out, parse, wanted](const std::vector<std::string>& texts) -> Result<void> {
    out.clear();
    for (const std::string& text : texts) {
      auto value = parse(text);
      if (!value.ok()) {
        return expected(wanted);
      }
      out.push_back(std::move(value).value());
    }
    return {};
  };
}

constexpr const char* kDomainRule = "a host name of two labels or more";
constexpr const char* kIdRule = "1 to 64 of A-Z a-z 0-9 _ -";

Result<std::string> parse_id(const std::string& text) {
  return api::is_id(text) ? Result<std::string>(text) : Result<std::string>(expected(kIdRule));
}

Result<mesh::Cidr> parse_mesh_cidr(const std::string& text) {
  return mesh::Cidr::parse_mesh(
      text, text.starts_with("127.") ? mesh::Cidr::Use::development : mesh::Cidr::Use::production);
}

Result<RegistryEngine> parse_engine(const std::string& text) {
  if (text == "rqlite") {
    return RegistryEngine::rqlite;
  }
  if (text == "embedded") {
    return RegistryEngine::embedded;
  }
  return expected("rqlite or embedded");
}

Result<void> absolute_path(const std::string& text) {
  return text.starts_with('/') ? Result<void>() : Result<void>(expected("an absolute path"));
}

void read_node(ConfigReader& reader, Config::Node& node) {
  std::string text;
  reader.required<std::string>("node.id", text, into(node.id, parse_id, kIdRule));
  reader.required<std::string>("node.name", text,
                               into(node.name, mesh::parse_node_name,
                                    "a name of a-z 0-9 - (at most 63 bytes, no - at an end)"));
  reader.required<std::string>("node.domain", text,
                               into(node.domain, mesh::parse_domain, kDomainRule));
  reader.required<std::string>("node.mesh_ip", text,
                               into(node.mesh_ip, mesh::IpAddress::parse, "an IP address"));
  reader.required<std::string>(
      "node.mesh_cidr", text,
      into(node.mesh_cidr, parse_mesh_cidr, "a private IPv4 range from /22 to /28"));
  std::vector<mesh::IpAddress> addresses;
  reader.required<std::vector<std::string>>(
      "node.public_addresses", node.public_addresses,
      into_list(addresses, mesh::IpAddress::parse, "a list of IP addresses"));
  reader.required<std::vector<std::string>>("node.roles", node.roles);
  if (node.mesh_cidr.prefix() != 0 && !node.mesh_cidr.contains(node.mesh_ip)) {
    reader.problem("node.mesh_ip", "found " + node.mesh_ip.to_string() +
                                       ", expected an address inside node.mesh_cidr");
  }
}

void read_registry(ConfigReader& reader, Config::Registry& registry) {
  std::string text;
  std::string url;
  reader.required<std::string>("registry.engine", text,
                               into(registry.engine, parse_engine, "rqlite or embedded"));
  reader.optional<std::string>("registry.url", url, "");
  reader.optional<std::string>("registry.user", registry.user, "");
  reader.optional<std::string>("registry.path", registry.path, "");
  if (registry.engine == RegistryEngine::embedded) {
    if (!registry.path.starts_with('/')) {
      reader.problem(
          "registry.path",
          "found \"" + registry.path + "\", expected an absolute path (registry.engine: embedded)");
    }
    return;
  }
  auto endpoint = backends::parse_http_endpoint(url);
  if (endpoint.ok()) {
    registry.endpoint = *endpoint;
  } else {
    reader.problem("registry.url", endpoint.error().message);
  }
  if (registry.user.empty()) {
    reader.problem("registry.user", "is required (registry.engine: rqlite)");
  }
}

// A list with a default; a list that is given may be empty.
template <class T, class Parse>
void read_list(ConfigReader& reader, const char* key, std::vector<T>& out,
               const std::vector<std::string>& fallback, Parse parse, const char* wanted) {
  const ListRule rule = into_list(out, parse, wanted);
  std::vector<std::string> texts;
  reader.optional<std::vector<std::string>>(key, texts, fallback, rule);
  if (texts == fallback && !rule(texts).ok()) {  // the reader runs no rule on a default
    reader.problem(key, std::string("its default is not valid here, expected ") + wanted);
  }
}

void read_http(ConfigReader& reader, const Config::Node& node, Config::Http& http) {
  read_list(reader, "http.listen", http.listen,
            {"127.0.0.1:6001", node.mesh_ip.for_url() + ":6001"}, parse_listen_address,
            "a list of ADDRESS:PORT with IP addresses");
  reader.optional<std::string>("http.admin_socket", http.admin_socket, "/run/orama/admin.sock",
                               absolute_path);
  read_list(reader, "http.trusted_proxies", http.trusted_proxies, {"127.0.0.0/8", "::1/128"},
            http::AddressRange::parse, "a list of addresses or ranges without host bits");
  std::int64_t threads = 0;
  reader.optional<std::int64_t>("http.threads", threads, 0,
                                [](const std::int64_t& count) -> Result<void> {
                                  if (count < 0 || count > kMaxThreads) {
                                    return expected("0 (one a core) to 256");
                                  }
                                  return {};
                                });
  http.threads = static_cast<std::size_t>(std::clamp(threads, std::int64_t{0}, kMaxThreads));
}

// A tenth of a token a minute is as good as none; a million is no limit.
Result<void> positive_rate(const std::int64_t& value) {
  return value < 1 || value > 1'000'000 ? Result<void>(expected("1 to 1000000")) : Result<void>();
}

void read_join(ConfigReader& reader, Config& config) {
  std::int64_t per_minute = 0;
  std::int64_t burst = 0;
  std::chrono::nanoseconds within{};
  reader.optional<std::int64_t>("limits.join.rate_per_minute", per_minute, 10, positive_rate);
  reader.optional<std::int64_t>("limits.join.burst", burst, 10, positive_rate);
  reader.optional<std::chrono::nanoseconds>(
      "join.confirm_within", within, std::chrono::minutes(15),
      [](const std::chrono::nanoseconds& value) -> Result<void> {
        if (value < std::chrono::seconds(1) || value > std::chrono::hours(24)) {
          return expected("1s to 24h");
        }
        return {};
      });
  config.join_rate = {static_cast<double>(per_minute), static_cast<double>(burst)};
  config.join_confirm_within = std::chrono::duration_cast<std::chrono::milliseconds>(within);
}

void read_rest(ConfigReader& reader, Config& config) {
  reader.optional<std::vector<std::string>>("cors.origins", config.cors_origins, {"*"});
  std::chrono::nanoseconds within{};
  reader.optional<std::chrono::nanoseconds>(
      "drain.within", within, std::chrono::seconds(5),
      [](const std::chrono::nanoseconds& value) -> Result<void> {
        if (value < std::chrono::milliseconds(1) || value > std::chrono::minutes(5)) {
          return expected("1ms to 5m");
        }
        return {};
      });
  read_join(reader, config);
  config.drain_within = std::chrono::duration_cast<std::chrono::milliseconds>(within);
  std::string level;
  reader.optional<std::string>(
      "log.level", level, "info",
      into(config.log_level, parse_log_level, "debug, info, warn or error"));
  reader.optional<std::string>("log.access", config.access_log, "/var/log/orama/gateway/access.log",
                               [](const std::string& path) -> Result<void> {
                                 return path.empty() || path == "-" ? Result<void>()
                                                                    : absolute_path(path);
                               });
  reader.optional<std::string>("state.folder", config.state_folder, "/var/lib/orama/gateway",
                               absolute_path);
}

void warn_unless_writable(std::vector<std::string>& warnings, std::string_view key,
                          const std::string& folder) {
  if (access(folder.c_str(), W_OK) != 0) {
    warnings.push_back(std::string(key) + ": the folder " + folder +
                       " is missing or this user may not write there");
  }
}

Result<Config> read_all(ConfigReader& reader) {
  Config config;
  std::string value;
  read_node(reader, config.node);
  reader.required<std::string>("cluster.id", value, into(config.cluster.id, parse_id, kIdRule));
  reader.required<std::string>("cluster.name", config.cluster.name);
  reader.required<std::string>("cluster.base_domain", value,
                               into(config.cluster.base_domain, mesh::parse_domain, kDomainRule));
  read_registry(reader, config.registry);
  read_engines(reader, config.engines);
  read_http(reader, config.node, config.http);
  read_list(reader, "links.listen", config.links_listen,
            {config.node.mesh_ip.for_url() + ":" + std::to_string(link::kLinkPort)},
            parse_listen_address, "a list of ADDRESS:PORT with IP addresses");
  read_rest(reader, config);
  config.credentials = credentials_folder();
  TRY_VOID(reader.finish());
  return config;
}

}  // namespace

bool Config::development() const {
  return node.mesh_cidr.network().is_loopback();
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  auto endpoint = backends::parse_http_endpoint("http://" + std::string(text));
  if (!endpoint.ok() || text.ends_with('/')) {
    return expected("ADDRESS:PORT with an IP address, found \"" + std::string(text) + "\"");
  }
  return ListenAddress{endpoint->address, endpoint->port};
}

Result<Config> parse_config(std::string_view text, const std::string& file) {
  ConfigReader reader(text, file);
  return read_all(reader);
}

Result<std::vector<ConfigReader::Entry>> config_entries(std::string_view text,
                                                        const std::string& file) {
  ConfigReader reader(text, file);
  TRY_VOID(read_all(reader));
  return reader.entries();
}

Result<Config> load_config(const std::string& path) {
  TRY(text, read_file(path).while_doing("reading the configuration"));
  return parse_config(text, path);
}

std::string credentials_folder() {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");  // systemd.exec(5)
  return folder == nullptr ? std::string() : folder;
}

std::vector<std::string> config_warnings(const Config& config) {
  std::vector<std::string> warnings;
  if (config.registry.engine == RegistryEngine::rqlite) {
    const std::string path = config.credentials + "/registry-password";
    if (config.credentials.empty() || access(path.c_str(), R_OK) != 0) {
      warnings.emplace_back(
          "registry.user: no credential registry-password (the unit's LoadCredential=); the "
          "registry will refuse this gateway");
    }
  }
  for (std::string& warning : engine_warnings(config)) {
    warnings.push_back(std::move(warning));
  }
  warn_unless_writable(warnings, "state.folder", config.state_folder);
  if (config.access_log.starts_with('/')) {
    warn_unless_writable(warnings, "log.access",
                         std::filesystem::path(config.access_log).parent_path().string());
  }
  return warnings;
}

}  // namespace orama::gateway
