// The gateway's configuration as typed values: read from orama.yaml (load_config), every problem
// reported at once, or made up for a developer (dev_node.h). Read once at start; nothing here is
// secret. Defaults are those of http-api.md 21 where it names them.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config_reader.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/http_pool.h"
#include "gateway/http/address_range.h"

namespace orama::gateway {

enum class RegistryEngine { rqlite, embedded };

struct ListenAddress {
  mesh::IpAddress address;
  unsigned short port = 0;
};

// "127.0.0.1:6001", "[::1]:6001"
Result<ListenAddress> parse_listen_address(std::string_view text);

struct Config {
  struct Node {
    std::string id, name, domain;
    mesh::IpAddress mesh_ip;
    mesh::Cidr mesh_cidr;
    std::vector<std::string> public_addresses, roles;
  } node;
  struct Cluster {
    std::string id, name, base_domain;
  } cluster;
  struct Registry {
    RegistryEngine engine = RegistryEngine::rqlite;
    backends::HttpEndpoint endpoint;  // rqlite
    std::string user;                 // rqlite; its password is the credential registry-password
    std::string path;                 // embedded: the SQLite file
  } registry;
  // The engines beside the registry; absent: this node has none.
  struct Engines {
    struct WithUser {
      backends::HttpEndpoint endpoint;
      std::string user;  // its password is, or follows from, a credential of the unit
    };
    std::optional<WithUser> database;               // RQLite of the namespace `default`
    std::optional<backends::HttpEndpoint> cache;    // Olric, RESP
    std::optional<backends::HttpEndpoint> storage;  // Kubo's RPC
    std::optional<WithUser> pinning;                // IPFS Cluster's REST
  } engines;
  struct Http {
    std::vector<ListenAddress> listen;  // used only without socket activation
    std::string admin_socket;
    std::vector<http::AddressRange> trusted_proxies;
    std::size_t threads = 0;  // 0: one a core
  } http;
  std::vector<ListenAddress> links_listen;  // used only without socket activation
  std::vector<std::string> cors_origins;
  std::chrono::milliseconds drain_within{5000};
  LogLevel log_level = LogLevel::info;
  std::string access_log;    // path, "-" standard error, "" none
  std::string state_folder;  // the last desired state is kept here
  std::string credentials;   // folder of the unit's credentials; "" none
  struct Rate {
    double per_minute = 10, burst = 10;
  } join_rate;
  std::chrono::milliseconds join_confirm_within{std::chrono::minutes(15)};

  // A mesh range inside 127.0.0.0/8: one machine, no agent, no WireGuard.
  bool development() const;
};

// `file` is only the name in messages.
Result<Config> parse_config(std::string_view text, const std::string& file);
Result<Config> load_config(const std::string& path);

// Every key with its value and where that comes from, for `orama config show`.
Result<std::vector<ConfigReader::Entry>> config_entries(std::string_view text,
                                                        const std::string& file);

// What is no error but keeps the node from being whole on this host ("no credential
// registry-password").
std::vector<std::string> config_warnings(const Config& config);

// The folder of the unit's credentials (LoadCredential=), "" outside of such a unit.
std::string credentials_folder();

}  // namespace orama::gateway
