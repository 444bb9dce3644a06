#include "installers/engines/prepare.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "common/api/database_users.h"
#include "common/atomic_file.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/peer_id.h"
#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/engines/engine_configs.h"
#include "installers/engines/engine_node.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/paths.h"
#include "installers/rqlite_engine.h"
#include "installers/rqlite_guard.h"
#include "installers/rqlite_users.h"

namespace orama::installers {
namespace {

using crypto::Secret;

struct Preparation {
  Host& host;
  const PrepareOptions& options;

  Result<Secret> credential(const std::string& name) const {
    TRY(text, host.files.read(options.credentials + "/" + name));
    return Secret(without_line_end(std::move(text)));
  }
  // base64 inside
  Result<Secret> key(const std::string& name) const {
    TRY(text, credential(name));
    auto bytes = crypto::from_base64(text.reveal());
    if (!bytes.ok()) {
      return std::move(bytes).while_doing("reading the credential " + name).error();
    }
    return Secret(std::move(*bytes));
  }
  Result<crypto::KeyPair> identity(const std::string& name) const {
    TRY(seed, key(name));
    return crypto::ed25519_from_seed(seed);
  }
  Result<std::string> settings(const std::string& engine) const {
    return host.files.read(options.templates + "/engines/" + engine + ".json");
  }
  Result<void> write(const char* user, const std::string& path, const std::string& content) const {
    return host.files.write(path, content, {0600, user, user});
  }
};

// rqlited's users; the data are looked at first.
Result<void> prepare_database(const Preparation& its) {
  TRY_VOID(rqlite_guard(its.host.files, kDefaultDatabase));
  TRY(key, its.key("databases.key"));
  const std::string users = rqlite_users_text([&key](std::string_view user) {
    return api::database_password(key, kDefaultDatabase.name_space, user);
  });
  return its.write("orama-db", paths::kDatabaseUsers, users);
}

Result<void> prepare_olric(const Preparation& its) {
  TRY(node, read_engine_node(its.host.files));
  TRY(settings, its.settings("olric"));
  TRY(password, its.credential("olric-password"));
  TRY(config, olric_config(settings, node, password));
  return its.write("orama-olric", std::string(paths::kOlricState) + "/olric.yaml", config);
}

// Four fifths of what was free at the first start, kept in a file of the repository that an
// operator may change: Kubo collects garbage from there on, and does not refuse (StorageMax is no
// limit).
Result<std::int64_t> storage_max(const Preparation& its) {
  const std::string path = std::string(paths::kIpfsState) + "/storage-max";
  const auto kept = its.host.files.read(path);
  if (!kept.ok() && kept.error().code != Errc::not_found) {
    return kept.error();
  }
  if (!kept.ok()) {
    std::error_code failure;
    const auto space = std::filesystem::space(its.options.disk, failure);
    if (failure) {
      return make_error(Errc::failed, "the free space of " + its.options.disk +
                                          " cannot be read: " + failure.message());
    }
    const auto bytes = static_cast<std::int64_t>(space.available / 5 * 4);
    TRY_VOID(its.write("orama-ipfs", path, std::to_string(bytes) + "\n"));
    return bytes;
  }
  const std::string text = without_line_end(*kept);
  std::int64_t bytes = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (failure != std::errc{} || end != text.data() + text.size() || bytes <= 0) {
    return make_error(Errc::invalid_argument, path + ": expected a number of bytes above 0",
                      "write one, or remove the file: the next start makes it anew");
  }
  return bytes;
}

// What `ipfs init` would write, without its second identity: Kubo makes the rest itself.
Result<void> prepare_repository(const Preparation& its) {
  constexpr const char* kVersion = "18\n";  // of the repository's form, Kubo 0.42
  constexpr const char* kSpec =
      R"({"mounts":[{"mountpoint":"/blocks","path":"blocks","shardFunc":"/repo/flatfs/shard/v1/next-to-last/2","type":"flatfs"},{"mountpoint":"/","path":"datastore","type":"levelds"}],"type":"mount"})";
  const std::string folder = paths::kIpfsState;
  TRY(present, its.host.files.status(folder + "/version"));
  if (present) {
    return {};
  }
  TRY_VOID(its.write("orama-ipfs", folder + "/datastore_spec", kSpec));
  return its.write("orama-ipfs", folder + "/version", kVersion);
}

Result<void> prepare_ipfs(const Preparation& its) {
  const std::string folder = paths::kIpfsState;
  TRY(node, read_engine_node(its.host.files));
  TRY(settings, its.settings("ipfs"));
  TRY(identity, its.identity("ipfs.key"));
  TRY(swarm_key, its.host.files.read(its.options.credentials + "/ipfs-swarm.key"));
  TRY(bytes, storage_max(its));
  TRY(config, ipfs_config(settings, node, {std::move(identity), bytes}));
  TRY_VOID(prepare_repository(its));
  TRY_VOID(its.write("orama-ipfs", folder + "/swarm.key", swarm_key));
  TRY_VOID(its.write("orama-ipfs", folder + "/config", config));
  // A socket or a lock that a killed one left stops no start, but its RPC address would mislead.
  return its.host.files.remove_file(folder + "/api");
}

Result<void> prepare_ipfs_cluster(const Preparation& its) {
  const char* user = "orama-ipfs-cluster";
  const std::string folder = paths::kIpfsClusterState;
  TRY(node, read_engine_node(its.host.files));
  TRY(settings, its.settings("ipfs-cluster"));
  TRY(identity, its.identity("ipfs-cluster.key"));
  TRY(secret, its.credential("ipfs-cluster-secret"));
  TRY(password, its.credential("ipfs-cluster-rest-password"));
  TRY(config, ipfs_cluster_config(settings, node,
                                  {crypto::peer_id_of(identity.public_key), secret, password}));
  TRY_VOID(its.write(user, folder + "/identity.json", ipfs_cluster_identity(identity)));
  TRY_VOID(its.write(user, folder + "/peerstore", ipfs_cluster_peerstore(node)));
  return its.write(user, folder + "/service.json", config);
}

struct Row {
  std::string_view engine;
  Result<void> (*prepare)(const Preparation&);
};
constexpr std::array<Row, 4> kRows = {{{"database", prepare_database},
                                       {"olric", prepare_olric},
                                       {"ipfs", prepare_ipfs},
                                       {"ipfs-cluster", prepare_ipfs_cluster}}};

}  // namespace

std::vector<std::string_view> prepared_engines() {
  std::vector<std::string_view> names;
  std::transform(kRows.begin(), kRows.end(), std::back_inserter(names),
                 [](const Row& row) { return row.engine; });
  return names;
}

Result<void> prepare_engine(Host& host, std::string_view engine, const PrepareOptions& options) {
  const auto row = std::find_if(kRows.begin(), kRows.end(),
                                [engine](const Row& one) { return one.engine == engine; });
  if (row == kRows.end()) {
    return make_error(Errc::not_found, "no engine is called `" + std::string(engine) + "`",
                      "expected database, olric, ipfs or ipfs-cluster");
  }
  return row->prepare({host, options}).while_doing("preparing the start of " + std::string(engine));
}

}  // namespace orama::installers
