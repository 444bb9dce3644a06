#include "tests/unit/installers/edge/fake_ufw.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/crypto/encoding.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::tests {
namespace {

using installers::Command;
using installers::CommandOutput;

CommandOutput said(std::string out) {
  CommandOutput output;
  output.out = std::move(out);
  return output;
}

// allow 80,443/tcp | allow in on orama0 to any port 22 proto tcp, each with a comment or none
std::string tuple_of(const std::vector<std::string>& words, const std::string& any) {
  std::string ports = words[1], protocol = "any", direction = "in";
  if (words[1] == "in") {
    ports = words[7];
    protocol = words[9];
    direction = "in_" + words[3];
  } else if (const auto slash = ports.find('/'); slash != std::string::npos) {
    protocol = ports.substr(slash + 1);
    ports = ports.substr(0, slash);
  }
  std::string tuple =
      words[0] + " " + protocol + " " + ports + " " + any + " any " + any + " " + direction;
  const auto comment = std::find(words.begin(), words.end(), "comment");
  return comment == words.end() ? tuple : tuple + " comment=" + crypto::to_hex(*(comment + 1));
}

// Without action and comment: what makes two rules equal to ufw.
std::string traffic_of(const std::string& tuple) {
  const auto begin = tuple.find(' ');
  return tuple.substr(begin, tuple.find(" comment=") - begin);
}

void replace_in(std::vector<std::string>& rules, const std::string& tuple, bool remove) {
  const auto equal = std::find_if(rules.begin(), rules.end(), [&](const std::string& rule) {
    return traffic_of(rule) == traffic_of(tuple);
  });
  if (remove) {
    if (equal != rules.end()) {
      rules.erase(equal);
    }
  } else if (equal != rules.end()) {
    *equal = tuple;
  } else {
    rules.push_back(tuple);
  }
}

std::string file_of(const std::vector<std::string>& rules) {
  std::string text = "*filter\n### RULES ###\n\n";
  for (const std::string& rule : rules) {
    text += "### tuple ### " + rule + "\n-A ufw-user-input -j ACCEPT\n\n";
  }
  return text + "### END RULES ###\n";
}

}  // namespace

FakeUfwHost::FakeUfwHost() {
  commands.on("ufw ", [this](const Command& command) { return run_ufw(command); });
  commands.on("sshd -T",
              "port 22\naddressfamily any\nlistenaddress [::]:22\nlistenaddress 0.0.0.0:22\n");
  commands.on("ss -H -tlnp",
              "LISTEN 0      128      0.0.0.0:22   0.0.0.0:* users:((\"sshd\",pid=52,fd=3))  \n"
              "LISTEN 0      128         [::]:22      [::]:* users:((\"sshd\",pid=52,fd=4))  \n");
  commands.on("ss -H -tnp", "");
  commands.on("ss -H -tn state", "");
  commands.on("ip ", "");
  commands.on("ip -j", "[]");
  commands.on("ip -j addr",
              R"([{"ifname":"eth0","addr_info":[{"local":"203.0.113.11","scope":"global"}]}])");
  commands.add_unit("orama-firewall-revert.timer");
  commands.add_unit("orama-firewall-revert.service");
  files.put("/etc/ufw/before.rules",
            "-A ufw-before-input -i lo -j ACCEPT\n"
            "-A ufw-before-input -p icmp --icmp-type echo-request -j ACCEPT\n");
  files.put_directory("/var/lib/orama/install", {0700});
  set_ipv6("yes");
  save();
}

void FakeUfwHost::add_v4(const std::string& tuple) {
  v4_.push_back(tuple);
  save();
}

void FakeUfwHost::add_v6(const std::string& tuple) {
  v6_.push_back(tuple);
  save();
}

void FakeUfwHost::set_ipv6(const std::string& yes_or_no) {
  ipv6_ = yes_or_no == "yes";
  files.put("/etc/default/ufw",
            "# /etc/default/ufw\nIPV6=" + yes_or_no + "\nDEFAULT_INPUT_POLICY=\"DROP\"\n");
}

void FakeUfwHost::open_session() {
  const std::string line = "203.0.113.11:22 198.51.100.9:50022 ";
  commands.on("ss -H -tnp", "ESTAB 0      0      " + line + "users:((\"sshd\",pid=800,fd=4))\n");
  commands.on("ss -H -tn state", "ESTAB 0      0      " + line + "\n");
}

Result<CommandOutput> FakeUfwHost::run_ufw(const Command& command) {
  std::vector<std::string> words(command.argv.begin() + 1, command.argv.end());
  const bool force = words.front() == "--force";
  if (force) {
    words.erase(words.begin());
  }
  if (words.front() == "status") {
    return said(std::string("Status: ") + (active ? "active\n" : "inactive\n"));
  }
  if (words.front() == "enable" || words.front() == "disable") {
    ORAMA_ASSERT(force);  // else it asks
    active = words.front() == "enable";
    if (active && on_enable) {
      on_enable();
    }
    return said("");
  }
  const bool remove = words.front() == "delete";
  if (remove) {
    words.erase(words.begin());
  }
  change_rule(std::move(words), remove);
  return said("Rules updated\n");
}

void FakeUfwHost::change_rule(std::vector<std::string> words, bool remove) {
  replace_in(v4_, tuple_of(words, "0.0.0.0/0"), remove);
  if (ipv6_) {
    replace_in(v6_, tuple_of(words, "::/0"), remove);
  }
  save();
}

void FakeUfwHost::save() {
  files.put("/etc/ufw/user.rules", file_of(v4_));
  files.put("/etc/ufw/user6.rules", file_of(v6_));
}

Result<std::string> FakeBanner::read(const std::string& network_namespace,
                                     const mesh::IpAddress& address, int port) {
  asked.push_back(network_namespace + " " + address.for_url() + ":" + std::to_string(port));
  return banner_;
}

}  // namespace orama::tests
