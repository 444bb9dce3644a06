// The rqlited processes that a node runs, and in what they differ: the registry, and the database
// of the namespace `default`. Both are one Raft cluster over all nodes, in which the same nodes
// vote.
#pragma once

#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/host/files.h"
#include "installers/paths.h"

namespace orama::installers {

struct RqliteEngine {
  const char* name;        // in messages: "the registry"
  const char* name_space;  // whose database it is; nullptr: the registry
  const char* unit;
  const char* data;  // rqlited's own folder
  int http_port, raft_port;
  const char* join_file;     // how it joins at its next start; there only until it has joined
  const char* voter_intent;  // of VoterChange
  const char* voter_lock;    // the row in the registry's table `locks`
};

inline constexpr RqliteEngine kRegistry = {"the registry",
                                           nullptr,
                                           paths::kRqliteUnit,
                                           paths::kRqliteData,
                                           paths::kRqliteHttpPort,
                                           paths::kRqliteRaftPort,
                                           paths::kRqliteJoinEnv,
                                           paths::kVoterIntent,
                                           "voters"};

inline constexpr RqliteEngine kDefaultDatabase = {
    "the database default",   "default",
    paths::kDatabaseUnit,     paths::kDatabaseData,
    paths::kDatabaseHttpPort, paths::kDatabaseRaftPort,
    paths::kDatabaseJoinEnv,  paths::kDatabaseVoterIntent,
    "voters-default"};

// Of the user `agent`, from root's folder of secrets. not_found before they are made.
Result<crypto::Secret> agent_password(Files& files, const RqliteEngine& engine);

}  // namespace orama::installers
