// Files of the agent beside node.json.
#pragma once

namespace orama::installers {

// The last desired state that was accepted; a boot without gateway starts from it. 0644, no secret.
inline constexpr const char* kSavedDesired = "/var/lib/orama/agent/desired.json";

}  // namespace orama::installers
