#include "cli/commands.h"

#include <vector>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/commands_dev.h"
#include "cli/services.h"

namespace orama::cli {
namespace {

using Takes = Flag::Takes;

constexpr Flag kPlanFlag = {.name = "--plan",
                            .summary = "show what would change and change nothing"};

std::vector<Flag> joining_flags() {
  return {
      {.name = "--join",
       .takes = Takes::value,
       .value = "URL",
       .summary = "join the cluster of the node that answers there; needs --token"},
      {.name = "--token",
       .takes = Takes::value,
       .value = "TOKEN",
       .summary = "the invitation: the token, a file that holds it, or - for standard input"},
      {.name = "--timeout",
       .takes = Takes::value,
       .value = "DURATION",
       .summary = "how long to ask the cluster for an answer (default: 60s)"},
  };
}

std::vector<Flag> identity_flags() {
  return {
      {.name = "--vps-ip",
       .takes = Takes::value,
       .value = "ADDRESS",
       .choices = "auto",
       .summary = "public IPv4 or IPv6 address of this host, or auto"},
      {.name = "--domain",
       .takes = Takes::value,
       .value = "NAME",
       .summary = "domain of this node (with --join: default NAME.BASE-DOMAIN)"},
      {.name = "--base-domain",
       .takes = Takes::value,
       .value = "NAME",
       .summary = "domain of the cluster (default: the parent of --domain)"},
      {.name = "--name",
       .takes = Takes::value,
       .value = "NAME",
       .summary = "node name (default: first label of the host name)"},
      {.name = "--nameserver",
       .summary = "open port 53 and record the role; the DNS server comes in a later release"},
      {.name = "--no-nameserver", .summary = "give that role up again and close port 53"},
      {.name = "--mesh-cidr",
       .takes = Takes::value,
       .value = "RANGE",
       .summary = "private IPv4 range of the mesh, /22 to /28 (default: 10.0.0.0/24)"},
  };
}

std::vector<Flag> tls_flags() {
  return {
      {.name = "--email",
       .takes = Takes::value,
       .value = "ADDRESS",
       .summary = "mail address of the ACME account"},
      {.name = "--tls",
       .takes = Takes::value,
       .value = "MODE",
       .choices = "internal acme",
       .summary = "internal or acme (default: acme where --domain resolves to this host)"},
      {.name = "--acme-ca",
       .takes = Takes::value,
       .value = "URL",
       .summary = "directory of another ACME server than the public one"},
      {.name = "--acme-ca-root",
       .takes = Takes::value,
       .value = "FILE",
       .summary = "PEM file with the root that this server's own certificate comes from"},
  };
}

std::vector<Flag> run_flags() {
  return {
      {.name = "--skip-firewall", .summary = "leave UFW alone"},
      {.name = "--skip",
       .takes = Takes::values,
       .value = "CHECK",
       .summary = "leave out one preflight check; may be repeated"},
      kPlanFlag,
      {.name = "--yes",
       .letter = 'y',
       .summary = "answer yes to every question; install asks none, scripts may say so"},
#ifdef ORAMA_FAULT_POINTS
      {.name = "--fault-points",
       .summary = "list the places where tests kill an install",
       .visibility = Visibility::hidden},
#endif
  };
}

std::vector<Flag> install_flags() {
  std::vector<Flag> all;
  for (const auto& part : {joining_flags(), identity_flags(), tls_flags(), run_flags()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

constexpr const char* kInstallDetails =
    "Founds a cluster with this host as its first node, or joins one: `orama invite` on a node of\n"
    "it prints the whole command. A second run changes only what is not as it should be; on an\n"
    "installed node the flags of the first run are remembered. Without --token, --join takes the\n"
    "token from ORAMA_TOKEN.";

const Positional& unit_word() {
  static const Positional word = {
      .name = "UNIT",
      .summary =
          "one of: wireguard agent registry database cache storage pinning gateway caddy "
          "(default: all of orama's)",
      .choices = kServiceNames};
  return word;
}

std::vector<Command> node_commands() {
  return {
      {.name = "install",
       .summary = "Make this host a node",
       .details = kInstallDetails,
       .flags = install_flags(),
       .privilege = Privilege::root_unless_plan,
       .check = check_install,
       .run = run_install},
      {.name = "uninstall",
       .summary = "Put the host back as it was before the install",
       .details =
           "Shows what it would do; does it only with --yes.\n"
           "Keys and databases stay unless --purge is given.\n"
           "A node of a cluster with others in it leaves the cluster first; that is refused\n"
           "where the registry could write no more.",
       .flags = {{.name = "--no-leave",
                  .summary =
                      "stay a member in the registry: `orama node remove` elsewhere ends that"},
                 {.name = "--purge", .summary = "delete keys, databases and logs too"},
                 {.name = "--verify",
                  .summary = "look afterwards whether anything of orama's is left"},
                 {.name = "--yes", .letter = 'y', .summary = "do it, not only show it"}},
       .privilege = Privilege::root,
       .run = run_uninstall},
      {.name = "status",
       .summary = "Say whether this node is well, and what to do when it is not",
       .details =
           "Exit status: 0 healthy, 3 degraded or not installed, 11 the gateway does not answer.",
       .run = run_status},
  };
}

std::vector<Command> cluster_commands() {
  return {
      {.name = "invite",
       .summary = "Print the command that makes another host a node of this cluster",
       .details = "The token in it lets one host in, once, until it expires or is revoked.",
       .flags = {{.name = "--ttl",
                  .takes = Takes::value,
                  .value = "DURATION",
                  .summary = "how long the invitation holds, 1m to 24h (default: 1h)"},
                 {.name = "--note",
                  .takes = Takes::value,
                  .value = "TEXT",
                  .summary = "what it is for, shown by `orama invite list`"},
                 {.name = "--qr", .summary = "draw the command as a QR code too (needs qrencode)"}},
       .privilege = Privilege::root,
       .check = check_invite,
       .run = run_invite},
      {.name = "invite list",
       .summary = "List the invitations that are open",
       .flags = {{.name = "--all", .summary = "used, expired and revoked ones too"}},
       .run = run_invite_list},
      {.name = "invite revoke",
       .summary = "Make an invitation worthless",
       .positional = {.name = "ID", .summary = "as `orama invite list` has it"},
       .privilege = Privilege::root,
       .check = check_invite_revoke,
       .run = run_invite_revoke},
  };
}

const Positional& node_word() {
  static const Positional word = {.name = "NODE", .summary = "name or id of a node"};
  return word;
}

std::vector<Command> member_commands() {
  return {
      {.name = "node list",
       .summary = "List the nodes of the cluster",
       .flags = {{.name = "--all", .summary = "removed and released ones too"}},
       .run = run_node_list},
      {.name = "node show",
       .summary = "Show all that is known of a node",
       .positional = node_word(),
       .check = check_node_word,
       .run = run_node_show},
      {.name = "node remove",
       .summary = "Take a node out of the cluster, for good",
       .details = "Shows what it would do; does it only with --yes. Refused when the registry\n"
                  "could write no more without the node.",
       .flags = {{.name = "--force", .summary = "even if the registry loses its quorum by it"},
                 {.name = "--plan", .summary = "only show it"},
                 {.name = "--yes", .letter = 'y', .summary = "do it, not only show it"}},
       .positional = node_word(),
       .privilege = Privilege::root,
       .check = check_node_word,
       .run = run_node_remove},
      {.name = "node rename",
       .summary = "Give a node another name",
       .flags = {{.name = "--to",
                  .takes = Takes::value,
                  .value = "NAME",
                  .summary = "the new name: a-z, 0-9 and -"}},
       .positional = node_word(),
       .privilege = Privilege::root,
       .check = check_node_rename,
       .run = run_node_rename},
      {.name = "node set-address",
       .summary = "Say where a node is reached from now on",
       .flags = {{.name = "--endpoint",
                  .takes = Takes::values,
                  .value = "ADDRESS",
                  .summary = "public address, with :port where it is not 51820; may be repeated"}},
       .positional = node_word(),
       .privilege = Privilege::root,
       .check = check_node_set_address,
       .run = run_node_set_address},
      {.name = "node set",
       .summary = "Say whether a node votes in the registry",
       .flags = {{.name = "--voter",
                  .takes = Takes::value,
                  .value = "WHEN",
                  .choices = "auto always never",
                  .summary = "auto (the cluster chooses), always or never"}},
       .positional = node_word(),
       .privilege = Privilege::root,
       .check = check_node_set,
       .run = run_node_set},
      {.name = "leave",
       .summary = "Take this node out of its cluster",
       .details = "Shows what it would do; does it only with --yes.",
       .flags = {{.name = "--yes", .letter = 'y', .summary = "do it, not only show it"}},
       .privilege = Privilege::root,
       .run = run_leave},
  };
}

std::vector<Command> service_commands() {
  return {
      {.name = "start",
       .summary = "Start the node's services, or one of them",
       .positional = unit_word(),
       .privilege = Privilege::root,
       .check = check_service_name,
       .run = run_start},
      {.name = "stop",
       .summary = "Stop the node's services, or one of them, until the next boot",
       .positional = unit_word(),
       .privilege = Privilege::root,
       .check = check_service_name,
       .run = run_stop},
      {.name = "restart",
       .summary = "Restart the node's services, or one of them",
       .positional = unit_word(),
       .privilege = Privilege::root,
       .check = check_service_name,
       .run = run_restart},
      {.name = "logs",
       .summary = "Show the log of the node's services, or of one of them",
       .details =
           "The gateway's access log is a file of its own: /var/log/orama/gateway/access.log.",
       .flags = {{.name = "--follow", .letter = 'f', .summary = "go on showing new lines"},
                 {.name = "--lines",
                  .letter = 'n',
                  .takes = Takes::value,
                  .value = "N",
                  .summary = "show the last N lines (default: 100, or all with --since)"},
                 {.name = "--since",
                  .takes = Takes::value,
                  .value = "TIME",
                  .summary = "start at a time: 15m, 2h, yesterday, 2026-01-31 12:00"}},
       .positional = unit_word(),
       .check = check_logs,
       .run = run_logs},
  };
}

std::vector<Command> detail_commands() {
  return {
      {.name = "mesh show",
       .summary = "Show the mesh interface and its peers",
       .run = run_mesh_show},
      {.name = "mesh up",
       .summary = "Bring the mesh interface up",
       .privilege = Privilege::root,
       .run = run_mesh_up},
      {.name = "mesh down",
       .summary = "Take the mesh interface down until `orama mesh up` or a boot",
       .privilege = Privilege::root,
       .run = run_mesh_down},
      {.name = "config show",
       .summary = "Show the gateway's configuration, defaults included",
       .flags = {{.name = "--origin", .summary = "say where each value comes from"}},
       .run = run_config_show},
      {.name = "config check",
       .summary = "Check the gateway's configuration",
       .run = run_config_check},
      {.name = "version",
       .summary = "Show the version",
       .flags = {{.name = "--all", .summary = "the engines and every module in them too"}},
       .run = run_version},
  };
}

// Run by units and by the packaging, not by people.
std::vector<Command> hidden_commands() {
  return {
      {.name = "agent",
       .summary = "Run the node agent (orama-agent.service does)",
       .privilege = Privilege::root,
       .visibility = Visibility::hidden,
       .run = run_agent_service},
      {.name = "agent mesh-device",
       .summary = "Make the mesh interface and keep it (orama-wireguard.service does)",
       .privilege = Privilege::root,
       .visibility = Visibility::hidden,
       .run = run_mesh_device},
      {.name = "agent registry-guard",
       .summary = "Refuse to start a registry whose data was wiped",
       .privilege = Privilege::root,
       .visibility = Visibility::hidden,
       .run = run_registry_guard},
      {.name = "agent prepare",
       .summary = "Write the configuration of an engine before it starts",
       .positional = {.name = "ENGINE",
                      .summary = "database, olric, ipfs or ipfs-cluster",
                      .choices = "database olric ipfs ipfs-cluster"},
       .visibility = Visibility::hidden,
       .run = run_prepare},
      {.name = "agent firewall-revert",
       .summary = "Take back a firewall change that was not proven",
       .privilege = Privilege::root,
       .visibility = Visibility::hidden,
       .run = run_firewall_revert},
      {.name = "completions",
       .summary = "Print the completion script of a shell",
       .positional = {.name = "SHELL", .summary = "bash, zsh or fish", .choices = "bash zsh fish"},
       .visibility = Visibility::hidden,
       .check = check_completions,
       .run = run_completions},
  };
}

std::vector<Command> make_commands() {
  std::vector<Command> table;
  for (const auto& part :
       {node_commands(), cluster_commands(), member_commands(), service_commands(),
        detail_commands(), dev_commands(), hidden_commands()}) {
    table.insert(table.end(), part.begin(), part.end());
  }
  return table;
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> table = make_commands();
  return table;
}

}  // namespace orama::cli
