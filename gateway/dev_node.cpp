#include "gateway/dev_node.h"

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include "common/api/fields.h"
#include "common/atomic_file.h"
#include "common/clock.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/random.h"
#include "common/crypto/secret.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/config.h"
#include "gateway/http/address_range.h"

namespace orama::gateway {
namespace {

using nlohmann::json;

constexpr const char* kMeshCidr = "127.77.0.0/24";  // inside 127.0.0.0/8: a development cluster
constexpr mode_t kPrivateFile = 0600;
constexpr mode_t kPrivateFolder = 0700;
constexpr std::size_t kMaxKeyText = 64;

struct Identity {
  std::string node_id, cluster_id;
  crypto::KeyPair wireguard, node;
};

Result<std::string> data_folder(const DevOptions& options) {
  if (!options.data_folder.empty()) {
    return std::filesystem::absolute(options.data_folder).string();
  }
  const char* data_home = std::getenv("XDG_DATA_HOME");
  if (data_home != nullptr && *data_home == '/') {
    return std::string(data_home) + "/orama/dev";
  }
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home != '/') {
    return make_error(Errc::invalid_argument,
                      "neither XDG_DATA_HOME nor HOME names a folder for the data",
                      "give one: orama-gateway --dev --data DIR");
  }
  return std::string(home) + "/.local/share/orama/dev";
}

Result<void> make_private_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error || ::chmod(path.c_str(), kPrivateFolder) != 0) {
    return make_error(Errc::failed, "cannot make the data folder " + path +
                                        (error ? ": " + error.message() : ""));
  }
  return {};
}

Result<Identity> make_identity(const std::string& file, crypto::Random& random,
                               const Clock& clock) {
  Identity identity;
  identity.node_id = "node_" + crypto::make_uuid_v7(random, clock.wall_now());
  identity.cluster_id = "cluster_" + crypto::make_uuid_v7(random, clock.wall_now());
  identity.wireguard = crypto::make_x25519(random);
  identity.node = crypto::make_ed25519(random);
  const json saved = {{"node_id", identity.node_id},
                      {"cluster_id", identity.cluster_id},
                      {"wireguard_key", crypto::to_base64(identity.wireguard.private_key.reveal())},
                      {"node_key", crypto::to_base64(identity.node.private_key.reveal())}};
  FileAttributes attributes;
  attributes.mode = kPrivateFile;
  TRY_VOID(write_file_atomically(file, saved.dump(2) + "\n", attributes));
  return identity;
}

Result<crypto::Secret> read_key(const api::Fields& fields, std::string_view key) {
  TRY(text, fields.text(key, kMaxKeyText));
  TRY(bytes, crypto::from_base64(text));
  return crypto::Secret(std::move(bytes));
}

Result<Identity> read_identity(const std::string& text) {
  const json saved = json::parse(text, nullptr, false);
  const api::Fields fields(saved);
  Identity identity;
  TRY(node_id, fields.text("node_id", kMaxKeyText));
  TRY(cluster_id, fields.text("cluster_id", kMaxKeyText));
  TRY(wireguard_key, read_key(fields, "wireguard_key"));
  TRY(wireguard, crypto::x25519_from_private(wireguard_key));
  TRY(node_key, read_key(fields, "node_key"));
  TRY(node, crypto::ed25519_from_seed(node_key));
  identity.node_id = std::move(node_id);
  identity.cluster_id = std::move(cluster_id);
  identity.wireguard = std::move(wireguard);
  identity.node = std::move(node);
  return identity;
}

Result<Identity> load_identity(const std::string& file, crypto::Random& random,
                               const Clock& clock) {
  auto text = read_file(file);
  if (!text.ok() && text.error().code == Errc::not_found) {
    return make_identity(file, random, clock);
  }
  TRY(found, std::move(text));
  auto identity = read_identity(found);
  if (!identity.ok()) {
    identity.error().hint = "remove the folder to begin anew";
  }
  return std::move(identity).while_doing("reading " + file);
}

// What systemd hands to a node's unit stands in files here; made once.
Result<void> write_credential(const std::string& folder, const char* name,
                              const crypto::Secret& key) {
  std::error_code missing;
  const std::string path = folder + "/" + name;
  if (std::filesystem::exists(path, missing)) {
    return {};
  }
  FileAttributes attributes;
  attributes.mode = kPrivateFile;
  return write_file_atomically(path, crypto::to_base64(key.reveal()) + "\n", attributes);
}

Result<Config> make_config(const DevOptions& options, const std::string& folder,
                           const Identity& identity) {
  Config config;
  TRY(mesh_cidr, mesh::Cidr::parse_mesh(kMeshCidr, mesh::Cidr::Use::development));
  TRY(listen, parse_listen_address("127.0.0.1:" + std::to_string(options.port)));
  TRY(v4, http::AddressRange::parse("127.0.0.0/8"));
  TRY(v6, http::AddressRange::parse("::1/128"));
  config.node.id = identity.node_id;
  config.node.name = "dev";
  config.node.domain = "dev.localhost";
  config.node.mesh_cidr = mesh_cidr;
  config.node.mesh_ip = mesh_cidr.host(1);
  config.cluster.id = identity.cluster_id;
  config.cluster.name = "localhost";
  config.cluster.base_domain = "dev.localhost";
  config.registry.engine = RegistryEngine::embedded;
  config.registry.path = folder + "/registry.sqlite";
  config.http.listen.push_back(listen);
  config.http.admin_socket = folder + "/admin.sock";
  config.http.trusted_proxies = {v4, v6};
  config.cors_origins = {"*"};
  config.access_log = folder + "/access.log";
  config.state_folder = folder;
  config.credentials = folder + "/credentials";
  return config;
}

}  // namespace

Result<DevNode> prepare_dev_node(const DevOptions& options, crypto::Random& random,
                                 const Clock& clock) {
  TRY(folder, data_folder(options));
  TRY_VOID(make_private_folder(folder));
  TRY(identity, load_identity(folder + "/identity.json", random, clock));
  TRY(config, make_config(options, folder, identity));
  TRY_VOID(make_private_folder(config.credentials));
  TRY_VOID(write_credential(config.credentials, "node.key", identity.node.private_key));
  TRY_VOID(write_credential(config.credentials, "cluster-join.key",
                            crypto::make_x25519(random).private_key));
  DevNode dev;
  dev.founding.id = config.cluster.id;
  dev.founding.name = config.cluster.name;
  dev.founding.base_domain = config.cluster.base_domain;
  dev.founding.mesh_cidr = config.node.mesh_cidr;
  dev.founding.node.id = config.node.id;
  dev.founding.node.name = config.node.name;
  dev.founding.node.mesh_ip = config.node.mesh_ip;
  dev.founding.node.wg_public_key = crypto::to_base64(identity.wireguard.public_key);
  dev.founding.node.node_key = crypto::to_base64(identity.node.public_key);
  dev.config = std::move(config);
  return dev;
}

}  // namespace orama::gateway
