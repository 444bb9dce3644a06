// What lets connections in or keeps them out: sshd, and firewalls that are not UFW.
#pragma once

#include "installers/preflight/preflight.h"

namespace orama::installers {

Finding check_ssh(CheckContext& context);
Finding check_firewalld(CheckContext& context);
Finding check_firewall(CheckContext& context);

}  // namespace orama::installers
