// Who listens where, from `ss -H -tulpn`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace orama::installers {

struct ListeningSocket {
  std::string protocol;  // tcp, udp
  std::string address;   // 127.0.0.1, ::, "*" (any, both families); without zone and brackets
  int port = 0;
  struct Owner {
    std::string program;
    int pid = 0;
  };
  std::vector<Owner> owners;  // empty: the kernel's, or not visible without root

  bool any_address() const { return address == "*" || address == "0.0.0.0" || address == "::"; }
};

// Rows that are not understood are left out.
std::vector<ListeningSocket> parse_listening_sockets(std::string_view ss_output);

}  // namespace orama::installers
