// A path that carries packets up to a size.
#pragma once

#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/path_mtu.h"

namespace orama::tests {

struct FakePath final : installers::PathProber {
  int carries = 1500;  // bytes with the IP header; 0: no echo is answered
  int lost = 0;        // the first ones
  bool refused = false;
  std::vector<int> sizes;
  std::vector<mesh::IpAddress> asked;

  Result<bool> answers(const mesh::IpAddress& address, int bytes) override {
    if (refused) {
      return make_error(Errc::failed, "a socket is refused");
    }
    sizes.push_back(bytes);
    asked.push_back(address);
    return lost-- <= 0 && bytes <= carries;
  }
};

}  // namespace orama::tests
