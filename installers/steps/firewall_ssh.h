// Which ports SSH uses on this host and who is connected to them now, from every source there is:
// what sshd says of itself (`sshd -T`), systemd's ssh.socket, listening sockets, and the session
// that orama itself runs in (SSH_CONNECTION of this process or one of its parents, or the socket of
// a parent that is sshd). A source that is missing is no failure: the others serve.
#pragma once

#include <set>
#include <vector>

#include "common/result.h"
#include "installers/host/host.h"
#include "installers/steps/firewall_sockets.h"

namespace orama::installers {

struct SshSurvey {
  std::set<int> ports;               // all that must stay reachable
  std::set<int> listening;           // those at which a new connection is answered
  std::vector<SshSession> sessions;  // open now, from another host
  bool listens_v4 = false, listens_v6 = false;
};
Result<SshSurvey> survey_ssh(Host& host);

}  // namespace orama::installers
