// What an operator has in /etc/caddy/Caddyfile. Debian's page there is ours to replace; anything
// else is imported into orama's configuration, or refused by name with the reason. The file itself
// is never touched.
#pragma once

#include <string>
#include <string_view>

#include "common/result.h"
#include "installers/host/host.h"
#include "installers/steps/caddy_config.h"

namespace orama::installers {

// The md5 that dpkg keeps of the package's own Caddyfile, from `dpkg-query -W -f=${Conffiles}
// caddy`; "" if there is none.
std::string packaged_caddyfile_md5(std::string_view conffiles);

// imported when the file exists and is not the package's.
Result<OperatorFile> operator_caddyfile(Host& host);

// Reads the operator's file, and `caddyfile` (which imports it), as Caddy would. Conflict, naming
// the operator's file and the reason, when it does not fit in. Writes nothing.
Result<void> check_operator_caddyfile(Host& host, const std::string& caddyfile);

// Does what `caddy adapt` printed answer every name on port 80? Beside orama's own site there Caddy
// would drop it without a word.
bool answers_all_on_port_80(std::string_view adapted_json);

// The "Error: …" of caddy's output, else its last line.
std::string caddy_reason(std::string_view output);

}  // namespace orama::installers
