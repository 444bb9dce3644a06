#include "gateway/config_engines.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include "common/config_reader.h"
#include "common/result.h"
#include "gateway/backends/http_pool.h"
#include "gateway/config.h"

namespace orama::gateway {
namespace {

using backends::HttpEndpoint;

// One section. `where`: its key for the address, `scheme`: what that is written without.
struct Section {
  std::string name, engine, where, scheme;
};

// Absent: the section is not there, or has a problem, which is told.
std::optional<HttpEndpoint> read_section(ConfigReader& reader, const Section& section) {
  const std::string engine_key = section.name + ".engine";
  const std::string where_key = section.name + "." + section.where;
  std::string engine, where;
  reader.optional<std::string>(
      engine_key, engine, "", [&section](const std::string& found) -> Result<void> {
        return found == section.engine ? Result<void>()
                                       : make_error(Errc::invalid_argument, section.engine);
      });
  reader.optional<std::string>(where_key, where, "");
  if (engine.empty() && where.empty()) {
    return std::nullopt;
  }
  if (engine.empty()) {
    reader.problem(engine_key, "is required, expected " + section.engine);
    return std::nullopt;
  }
  auto endpoint = backends::parse_http_endpoint(section.scheme + where);
  if (!endpoint.ok() || (!section.scheme.empty() && where.ends_with('/'))) {
    reader.problem(where_key, "found \"" + where + "\", expected " +
                                  (section.scheme.empty() ? "http://" : "") +
                                  "ADDRESS:PORT with an IP address");
    return std::nullopt;
  }
  return *endpoint;
}

std::optional<Config::Engines::WithUser> read_with_user(ConfigReader& reader,
                                                        const Section& section) {
  const std::string user_key = section.name + ".user";
  auto endpoint = read_section(reader, section);
  std::string user;
  reader.optional<std::string>(user_key, user, "");
  if (!endpoint) {
    if (!user.empty()) {
      reader.problem(section.name + ".engine", "is required, expected " + section.engine);
    }
    return std::nullopt;
  }
  if (user.empty() || user.find(':') != std::string::npos) {
    reader.problem(user_key, "found \"" + user + "\", expected a name without a colon");
  }
  return Config::Engines::WithUser{*endpoint, std::move(user)};
}

void warn_without(const Config& config, std::string_view section, const std::string& credential,
                  std::vector<std::string>& warnings) {
  const std::string path = config.credentials + "/" + credential;
  if (config.credentials.empty() || access(path.c_str(), R_OK) != 0) {
    warnings.push_back(std::string(section) + ": no credential " + credential +
                       " (the unit's LoadCredential=); the engine will refuse this gateway");
  }
}

}  // namespace

void read_engines(ConfigReader& reader, Config::Engines& engines) {
  engines.database = read_with_user(reader, {"database", "rqlite", "url", ""});
  engines.cache = read_section(reader, {"cache", "olric", "address", "http://"});
  engines.storage = read_section(reader, {"storage", "kubo", "url", ""});
  engines.pinning = read_with_user(reader, {"pinning", "ipfs-cluster", "url", ""});
}

std::vector<std::string> engine_warnings(const Config& config) {
  std::vector<std::string> warnings;
  if (config.engines.database) {
    warn_without(config, "database", "databases.key", warnings);
  }
  if (config.engines.cache) {
    warn_without(config, "cache", "olric-password", warnings);
  }
  if (config.engines.pinning) {
    warn_without(config, "pinning", "ipfs-cluster-rest-password", warnings);
  }
  return warnings;
}

}  // namespace orama::gateway
