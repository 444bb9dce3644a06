// A host whose `ufw` keeps rules as the real one does: in the tuple lines of /etc/ufw/user.rules
// and user6.rules. Knows the commands that orama gives, with ufw 0.36.2's manners: an equal rule
// with another action or comment is replaced, deleting what is not there succeeds.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "installers/steps/firewall_banner.h"
#include "tests/support/fake_host.h"

namespace orama::tests {

struct FakeUfwHost : FakeHost {
  FakeUfwHost();

  // A tuple line as an operator's rule would be kept; without "### tuple ### ".
  void add_v4(const std::string& tuple);
  void add_v6(const std::string& tuple);
  std::vector<std::string> v4() const { return v4_; }
  std::vector<std::string> v6() const { return v6_; }
  void set_ipv6(const std::string& yes_or_no);
  // A session from 198.51.100.9 to 203.0.113.11:22, and what `ss` says of it.
  void open_session();

  bool active = false;
  // Runs at `ufw enable`: what the world does then.
  std::function<void()> on_enable;

 private:
  Result<installers::CommandOutput> run_ufw(const installers::Command& command);
  void change_rule(std::vector<std::string> words, bool remove);
  void save();

  std::vector<std::string> v4_, v6_;
  bool ipv6_ = true;
};

// Answers as it is told, and says what was asked.
class FakeBanner final : public installers::BannerReader {
 public:
  explicit FakeBanner(std::string banner) : banner_(std::move(banner)) {}
  Result<std::string> read(const std::string& network_namespace, const mesh::IpAddress& address,
                           int port) override;
  std::vector<std::string> asked;

 private:
  std::string banner_;
};

inline constexpr const char* kBanner = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u6\r\n";

}  // namespace orama::tests
