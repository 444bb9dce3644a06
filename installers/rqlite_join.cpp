#include "installers/rqlite_join.h"

#include <string>
#include <vector>

#include "common/result.h"
#include "common/text_template.h"

namespace orama::installers {

Result<std::string> rqlite_join_text(RqliteRole role, const std::vector<std::string>& members) {
  if (members.empty()) {
    return make_error(Errc::conflict, "the registry has nobody to join: no other member is known");
  }
  std::string list;
  for (const std::string& member : members) {
    list += (list.empty() ? "" : ",") + member;
  }
  const std::string words = std::string(role == RqliteRole::non_voter ? "-raft-non-voter " : "") +
                            "-join " + list + " -join-as join";
  return fill_template("ORAMA_JOIN=${words}\n", {{"words", words}}, TemplateFormat::env_file);
}

}  // namespace orama::installers
