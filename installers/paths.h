// Every path and unit name that orama owns on a host, in one place (architecture.md, Names).
#pragma once

namespace orama::installers::paths {

inline constexpr const char* kConfigFolder = "/etc/orama";
inline constexpr const char* kConfig = "/etc/orama/orama.yaml";  // the gateway's, 0644, no secret
inline constexpr const char* kSecrets = "/etc/orama/secrets";    // 0700 root; files 0600
inline constexpr const char* kRqliteEnv = "/etc/orama/rqlite.env";  // addresses for the static unit
inline constexpr const char* kCaddyFolder = "/etc/orama/caddy";
inline constexpr const char* kCaddyfile = "/etc/orama/caddy/Caddyfile";
inline constexpr const char* kState = "/var/lib/orama";
inline constexpr const char* kAgentState = "/var/lib/orama/agent";
inline constexpr const char* kNodeJson = "/var/lib/orama/agent/node.json";
// The last desired state that the agent accepted; a boot without gateway starts from it. No secret.
inline constexpr const char* kSavedDesired = "/var/lib/orama/agent/desired.json";
// How rqlited joins at its next start; there only until it has joined.
inline constexpr const char* kRqliteJoinEnv = "/var/lib/orama/agent/rqlite-join.env";
// What the ways to the members carry (host/path_mtu.h).
inline constexpr const char* kPathMtu = "/var/lib/orama/agent/path-mtu.json";
inline constexpr const char* kVoterIntent = "/var/lib/orama/agent/voter-change.json";
inline constexpr const char* kDatabaseJoinEnv = "/var/lib/orama/agent/rqlite-default-join.env";
inline constexpr const char* kDatabaseVoterIntent =
    "/var/lib/orama/agent/voter-change-default.json";
inline constexpr const char* kRqliteData = "/var/lib/orama/rqlite";
// A folder for each namespace; in it rqlited's own and the users that it is started with.
inline constexpr const char* kDatabases = "/var/lib/orama/databases";
inline constexpr const char* kDatabaseState = "/var/lib/orama/databases/default";
inline constexpr const char* kDatabaseData = "/var/lib/orama/databases/default/rqlite";
inline constexpr const char* kDatabaseUsers = "/var/lib/orama/databases/default/users.json";
// The engines' own folders, with the configuration that each renders at its start.
inline constexpr const char* kOlricState = "/var/lib/orama/olric";
inline constexpr const char* kIpfsState = "/var/lib/orama/ipfs";
inline constexpr const char* kIpfsClusterState = "/var/lib/orama/ipfs-cluster";
inline constexpr const char* kGatewayState = "/var/lib/orama/gateway";
inline constexpr const char* kInstallState = "/var/lib/orama/install";
inline constexpr const char* kJoinRecord = "/var/lib/orama/install/join.json";
// What the cluster was told of this node last.
inline constexpr const char* kRegisteredEngines = "/var/lib/orama/install/engines.json";
inline constexpr const char* kRegistered = "/var/lib/orama/install/registered.json";
inline constexpr const char* kFirewallPending = "/var/lib/orama/install/firewall-pending.json";
inline constexpr const char* kLogs = "/var/log/orama";
inline constexpr const char* kLibrary = "/usr/lib/orama";  // orama-gateway, rqlited, rqlite
inline constexpr const char* kShare = "/usr/share/orama";  // templates, sysusers.conf, components
inline constexpr const char* kAdminSocket = "/run/orama/admin.sock";
inline constexpr const char* kWireguardSocket = "/run/wireguard/orama0.sock";
inline constexpr const char* kMeshInterface = "orama0";

inline constexpr const char* kTarget = "orama.target";
inline constexpr const char* kAgentUnit = "orama-agent.service";
inline constexpr const char* kWireguardUnit = "orama-wireguard.service";
inline constexpr const char* kRqliteUnit = "orama-rqlite.service";
inline constexpr const char* kDatabaseUnit = "orama-rqlite@default.service";
inline constexpr const char* kOlricUnit = "orama-olric.service";
inline constexpr const char* kIpfsUnit = "orama-ipfs.service";
inline constexpr const char* kIpfsClusterUnit = "orama-ipfs-cluster.service";
inline constexpr const char* kGatewaySocketUnit = "orama-gateway.socket";
inline constexpr const char* kGatewayUnit = "orama-gateway.service";
inline constexpr const char* kFirewallRevertTimer = "orama-firewall-revert.timer";
inline constexpr const char* kFirewallRevertUnit = "orama-firewall-revert.service";
inline constexpr const char* kCaddyUnit = "caddy.service";

inline constexpr int kGatewayPort = 6001, kLinkPort = 6002, kRqliteHttpPort = 5001,
                     kRqliteRaftPort = 7001, kWireguardPort = 51820, kDatabaseHttpPort = 10000,
                     kDatabaseRaftPort = 10001, kOlricPort = 3320, kOlricMemberPort = 3322,
                     kIpfsSwarmPort = 4001, kIpfsRpcPort = 4501, kIpfsClusterRestPort = 9094,
                     kIpfsClusterSwarmPort = 9096;

}  // namespace orama::installers::paths
