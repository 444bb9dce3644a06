// The first line that a server sends over a new connection from inside a network namespace.
#pragma once

#include <string>

#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::installers {

// Reads what a server says first. The seam behind which tests put a fake.
class BannerReader {
 public:
  virtual ~BannerReader() = default;
  // Connects from inside the named network namespace; "" when nothing came within 3 s or at all.
  virtual Result<std::string> read(const std::string& network_namespace,
                                   const mesh::IpAddress& address, int port) = 0;
};

class NamespaceBannerReader final : public BannerReader {
 public:
  Result<std::string> read(const std::string& network_namespace, const mesh::IpAddress& address,
                           int port) override;
};

}  // namespace orama::installers
