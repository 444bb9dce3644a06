// The agent's own way into the registry and the databases, as the user `agent`: it believes its
// gateway in nothing that decides over secrets or votes (architecture.md 13). Blocking; each call
// has a deadline. Talks to the rqlited of one mesh address, this node's own but where said
// otherwise.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "installers/host/host.h"
#include "installers/rqlite_engine.h"

namespace orama::installers {

struct RqliteNode {
  bool voter = false;
  bool leader = false;
  bool reachable = false;
};
using RqliteNodes = std::map<std::string, RqliteNode>;  // by node id

class LocalRqlite {
 public:
  LocalRqlite(Host& host, const RqliteEngine& engine, std::string mesh_ip)
      : host_(host), engine_(engine), mesh_ip_(std::move(mesh_ip)) {}

  using Parameters = std::vector<std::variant<std::string, std::int64_t>>;
  // Rows of one linearizable read, as JSON values.
  Result<std::vector<std::vector<nlohmann::json>>> query(const std::string& sql,
                                                         const Parameters& parameters);
  // Rows that one write changed.
  Result<std::int64_t> execute(const std::string& sql, const Parameters& parameters);
  // The member list, non-voters too.
  Result<RqliteNodes> nodes();
  // Takes `id` off the member list, asked at the rqlited of `at_mesh_ip`, and writes once there:
  // rqlited's linearizable reads wait for an entry that its database applies, and a changed member
  // list is none (seen on 8.43.4), so that until the next write they would have no answer.
  // unreachable: nothing was sent.
  Result<void> remove(const std::string& id, const std::string& at_mesh_ip);

 private:
  Result<std::int64_t> execute_at(const std::string& mesh_ip, const std::string& sql,
                                  const Parameters& parameters);
  Result<std::string> send(const std::string& method, const std::string& mesh_ip,
                           const std::string& path, const std::string& body);

  Host& host_;
  const RqliteEngine& engine_;
  const std::string mesh_ip_;
};

// Answers of rqlite (engines-rqlite.md 3, 6), which are foreign text; fuzzed.
Result<std::vector<std::vector<nlohmann::json>>> parse_rqlite_rows(std::string_view text);
Result<std::int64_t> parse_rqlite_write(std::string_view text);
Result<RqliteNodes> parse_rqlite_nodes(std::string_view text);

}  // namespace orama::installers
