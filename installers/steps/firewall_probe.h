// A new TCP connection to this host from outside, made on the host itself: a throw-away network
// namespace whose packets come in through a veth pair and the INPUT chain. A connection from the
// host's own namespace proves nothing: also to the public address it goes by the loopback, which
// UFW accepts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "installers/host/host.h"

namespace orama::installers {

// The namespace, from make() until the object ends. Needs CAP_SYS_ADMIN; an error where the host
// has none.
class ProbeNetwork {
 public:
  static Result<ProbeNetwork> make(Host& host);
  ~ProbeNetwork();
  ProbeNetwork(ProbeNetwork&& other) noexcept;
  ProbeNetwork(const ProbeNetwork&) = delete;
  ProbeNetwork& operator=(const ProbeNetwork&) = delete;
  ProbeNetwork& operator=(ProbeNetwork&&) = delete;

  static constexpr const char* kName = "orama-proof";

  // What a killed run left.
  static void remove_leftovers(Host& host);

 private:
  explicit ProbeNetwork(Host& host) : host_(&host) {}
  Host* host_;
};

// Of `candidates` ("192.0.2.252/30"), the first that no destination in `ip -j route show table all`
// overlaps. The default route does not count. Ranges of one family.
Result<std::string> free_prefix(std::string_view routes_json,
                                const std::vector<std::string>& candidates);

}  // namespace orama::installers
